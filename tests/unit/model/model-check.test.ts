import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GgufTensor } from "../../../model/gguf.ts";
import { tensorByteLength } from "../../../model/gguf-format.ts";
import { checkModel } from "../../../model/model-check.ts";
import { goldenPath, writeGoldenVariant } from "../../helpers/golden-variant.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const path = join(temporaryFolder(), "model.gguf");
type Changes = Parameters<typeof writeGoldenVariant>[1];

const withKey = (key: string, value: string | number): Changes => ({
  metadata: (metadata) =>
    metadata.set(key, { type: typeof value === "string" ? "string" : "u32", value }),
});
const withoutKeys = (...keys: string[]): Changes => ({
  metadata: (metadata) => {
    for (const key of keys) metadata.delete(key);
  },
});
const without = (belongs: (tensor: GgufTensor) => boolean): Changes => ({
  tensor: (tensor, bytes) => (belongs(tensor) ? undefined : { ...tensor, chunks: () => [bytes] }),
});
const isEmbedding = ({ name }: GgufTensor) => name === "token_embd.weight";
const unquantized: Changes = {
  tensor: (tensor, bytes) => {
    if (!isEmbedding(tensor)) return { ...tensor, chunks: () => [bytes] };
    const zeros = new Uint8Array(tensorByteLength("F32", tensor.dimensions));
    return { ...tensor, type: "F32", chunks: () => [zeros] };
  },
};

describe("checkModel", () => {
  it("summarizes the golden model", () => {
    expect(checkModel(goldenPath)).toMatchObject({
      contextTokens: 4096,
      embeddingType: "F16",
      lacksPreTokenizer: false,
    });
  });

  it("accepts a model without a pre-tokenizer, and reports that", () => {
    writeGoldenVariant(path, withoutKeys("tokenizer.ggml.pre"));

    expect(checkModel(path).lacksPreTokenizer).toBe(true);
  });

  it.each<[string, Changes, RegExp]>([
    [
      "another architecture",
      withKey("general.architecture", "llama"),
      /architecture is llama; it must be bitnet/,
    ],
    ["no architecture", withoutKeys("general.architecture"), /architecture is missing/],
    ["too short a context", withKey("bitnet-b1.58.context_length", 32), /context of 32 tokens/],
    [
      "another tokenizer",
      withKey("tokenizer.ggml.model", "llama"),
      /tokenizer is llama; it must be gpt2/,
    ],
    [
      "an end token beyond the vocabulary",
      withKey("tokenizer.ggml.eos_token_id", 99_999),
      /eos_token_id/,
    ],
    ["no tokens", withoutKeys("tokenizer.ggml.tokens"), /vocabulary has 0 tokens/],
    ["no embedding", without(isEmbedding), /token_embd.weight is missing/],
    ["an embedding of another type", unquantized, /embedding is F32/],
    ["no ternary weights", without(({ type }) => type === "I2_S"), /I2_S/],
    [
      "several faults, and lists all",
      withoutKeys("general.architecture", "tokenizer.ggml.model"),
      /architecture.*tokenizer/s,
    ],
  ])("refuses a model with %s", (_case, changes, reason) => {
    writeGoldenVariant(path, changes);

    expect(() => checkModel(path)).toThrow(reason);
  });

  it.each([
    ["no GGUF at all", "version https://git-lfs.github.com/spec/v1"],
    ["nothing", ""],
  ])("refuses a file with %s", (_case, text) => {
    writeFileSync(path, text);

    expect(() => checkModel(path)).toThrow(/cannot be served/);
  });
});
