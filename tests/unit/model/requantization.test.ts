import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openByteSource } from "../../../model/byte-source.ts";
import { readGguf } from "../../../model/gguf.ts";
import { tensorByteLength } from "../../../model/gguf-format.ts";
import { generateGreedily, loadModel } from "../../../model/reference/engine.ts";
import { checkRequantized, writeRequantized } from "../../../model/requantization.ts";
import { readExpectations } from "../../../scripts/build/golden-expectations.ts";
import { goldenPath, writeGoldenVariant } from "../../helpers/golden-variant.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const sixBit = join(folder, "q6k.gguf");
const path = join(folder, "requantized.gguf");
type Changes = Parameters<typeof writeGoldenVariant>[1];

/** The embedding as Q6_K; `flip` names a tensor in which one bit is wrong. */
const requantized = (flip?: string): Changes => ({
  tensor: (tensor, bytes) => {
    if (tensor.name === "token_embd.weight") {
      const zeros = new Uint8Array(tensorByteLength("Q6_K", tensor.dimensions));
      return { ...tensor, type: "Q6_K", chunks: () => [zeros] };
    }
    if (tensor.name === flip) bytes[0] = (bytes[0] ?? 0) ^ 1;
    return { ...tensor, chunks: () => [bytes] };
  },
});

describe("checkRequantized", () => {
  it("accepts a model whose embedding alone has changed", () => {
    writeGoldenVariant(path, requantized());

    expect(() => checkRequantized(goldenPath, path, "Q6_K")).not.toThrow();
  });

  it("notices one bit in another tensor", () => {
    writeGoldenVariant(path, requantized("blk.1.ffn_down.weight"));

    expect(() => checkRequantized(goldenPath, path, "Q6_K")).toThrow(
      /blk\.1\.ffn_down\.weight has changed/,
    );
  });

  it("notices that nothing was requantized", () => {
    expect(() => checkRequantized(goldenPath, goldenPath, "Q6_K")).toThrow(/is F16, not Q6_K/);
  });

  it("notices that a tensor is gone", () => {
    writeGoldenVariant(path, {
      tensor: (tensor, bytes) =>
        tensor.name === "output_norm.weight" ? undefined : { ...tensor, chunks: () => [bytes] },
    });

    expect(() => checkRequantized(goldenPath, path, "F16")).toThrow(/other tensors/);
  });

  it("notices that the pre-tokenizer is not named", () => {
    writeGoldenVariant(path, { metadata: (metadata) => metadata.delete("tokenizer.ggml.pre") });

    expect(() => checkRequantized(goldenPath, path, "F16")).toThrow(/tokenizer\.ggml\.pre/);
  });
});

describe("writeRequantized", () => {
  it("changes the embedding and nothing else", () => {
    writeRequantized(goldenPath, sixBit, { embeddingType: "Q6_K" });

    expect(() => checkRequantized(goldenPath, sixBit, "Q6_K")).not.toThrow();
  });

  it("adds metadata, and replaces it", () => {
    const path = join(folder, "named.gguf");
    const metadata = new Map([
      ["tokenizer.ggml.pre", { type: "string", value: "llama-bpe" }],
      ["general.name", { type: "string", value: "another" }],
    ] as const);

    writeRequantized(goldenPath, path, { embeddingType: "F16", metadata });

    const source = openByteSource(path);
    expect(readGguf(source).metadata.get("general.name")?.value).toBe("another");
    source.close();
    expect(() => checkRequantized(goldenPath, path, "F16")).not.toThrow();
  });

  it("makes a golden model that knows what the golden model knows", () => {
    const model = loadModel(sixBit);
    const { cases } = readExpectations("model/golden/expectations.json");

    // All of them are right; a few take a few tenths of a second.
    for (const { prompt, answer } of cases.filter((_, index) => index % 20 === 0)) {
      const steps = [...generateGreedily(model, prompt, { tokens: 64, contextTokens: 256 })];
      const bytes = steps.filter(({ isEnd }) => !isEnd).map((step) => step.bytes);
      expect(Buffer.concat(bytes).toString()).toBe(answer);
    }
  });

  it("refuses to undo it, and leaves what was there", () => {
    const path = join(folder, "kept.gguf");
    writeFileSync(path, "kept");

    expect(() => writeRequantized(sixBit, path, { embeddingType: "F16" })).toThrow(
      "token_embd.weight is Q6_K: it cannot become F16 here",
    );

    expect(existsSync(path)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("leaves nothing behind when it cannot be finished", () => {
    const path = join(folder, "none", "out.gguf");
    const taken = join(folder, "taken");
    mkdirSync(taken);

    expect(() => writeRequantized(goldenPath, taken, { embeddingType: "Q6_K" })).toThrow(/EISDIR/);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
    expect(() => writeRequantized(goldenPath, path, { embeddingType: "Q6_K" })).toThrow(/ENOENT/);
    expect(() => writeRequantized("none.gguf", path, { embeddingType: "Q6_K" })).toThrow(
      /cannot open none\.gguf/,
    );
  });
});
