import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openByteSource } from "../../../model/byte-source.ts";
import { readGguf } from "../../../model/gguf.ts";
import { generateGreedily, loadModel } from "../../../model/reference/engine.ts";
import { checkRequantized, writeRequantized } from "../../../model/requantization.ts";
import { readExpectations } from "../../../scripts/build/golden-expectations.ts";
import { goldenPath } from "../../helpers/golden-variant.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const sixBit = join(folder, "q6k.gguf");

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
