import { join } from "node:path";
import { tensorByteLength } from "../../../model/gguf-format.ts";
import { generateGreedily, loadModel } from "../../../model/reference/engine.ts";
import { checkRequantized } from "../../../model/requantization.ts";
import { readExpectations } from "../../../scripts/build/golden-expectations.ts";
import { goldenPath, writeGoldenVariant } from "../../helpers/golden-variant.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { writeRequantized } from "../../helpers/write-requantized.ts";

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

const without: Changes = {
  tensor: (tensor, bytes) =>
    tensor.name === "output_norm.weight" ? undefined : { ...tensor, chunks: () => [bytes] },
};

describe("checkRequantized", () => {
  it("accepts a model whose embedding alone has changed", () => {
    writeGoldenVariant(path, requantized());

    expect(() => checkRequantized(goldenPath, path, "Q6_K")).not.toThrow();
  });

  it.each<[string, Changes, string, RegExp]>([
    [
      "one bit in another tensor",
      requantized("blk.1.ffn_down.weight"),
      "Q6_K",
      /blk\.1\.ffn_down\.weight has changed/,
    ],
    ["that nothing was requantized", {}, "Q6_K", /is F16, not Q6_K/],
    ["that a tensor is gone", without, "F16", /other tensors/],
    [
      "that the pre-tokenizer is not named",
      { metadata: (metadata) => metadata.delete("tokenizer.ggml.pre") },
      "F16",
      /tokenizer\.ggml\.pre/,
    ],
  ])("notices %s", (_case, changes, embeddingType, message) => {
    writeGoldenVariant(path, changes);

    expect(() => checkRequantized(goldenPath, path, embeddingType)).toThrow(message);
  });
});

describe("writeRequantized", () => {
  it("changes the embedding and nothing else", () => {
    writeRequantized(goldenPath, sixBit, { embeddingType: "Q6_K" });

    expect(() => checkRequantized(goldenPath, sixBit, "Q6_K")).not.toThrow();
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
});
