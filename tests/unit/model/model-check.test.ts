import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tensorByteLength } from "../../../model/gguf-format.ts";
import { checkModel } from "../../../model/model-check.ts";
import { goldenPath, writeGoldenVariant } from "../../helpers/golden-variant.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const path = join(temporaryFolder(), "model.gguf");
type Changes = Parameters<typeof writeGoldenVariant>[1];

const withKey = (key: string, value: string | number): Changes => ({
  metadata: (metadata) => {
    const type = typeof value === "string" ? "string" : "u32";
    metadata.set(key, { type, value });
  },
});
const withoutKey = (key: string): Changes => ({ metadata: (metadata) => metadata.delete(key) });

describe("checkModel", () => {
  it("summarizes the golden model", () => {
    expect(checkModel(goldenPath)).toMatchObject({
      contextTokens: 4096,
      embeddingType: "F16",
      lacksPreTokenizer: false,
    });
  });

  it("accepts a model without a pre-tokenizer, and reports that", () => {
    writeGoldenVariant(path, withoutKey("tokenizer.ggml.pre"));

    expect(checkModel(path).lacksPreTokenizer).toBe(true);
  });

  it.each<[string, Changes, RegExp]>([
    [
      "another architecture",
      withKey("general.architecture", "llama"),
      /architecture is llama; it must be bitnet/,
    ],
    ["no architecture", withoutKey("general.architecture"), /architecture is missing/],
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
    ["no tokens", withoutKey("tokenizer.ggml.tokens"), /vocabulary has 0 tokens/],
    [
      "no embedding",
      {
        tensor: (tensor, bytes) =>
          tensor.name === "token_embd.weight" ? undefined : { ...tensor, chunks: () => [bytes] },
      },
      /token_embd.weight is missing/,
    ],
    [
      "an embedding of another type",
      {
        tensor: (tensor, bytes) =>
          tensor.name === "token_embd.weight"
            ? {
                ...tensor,
                type: "F32",
                chunks: () => [new Uint8Array(tensorByteLength("F32", tensor.dimensions))],
              }
            : { ...tensor, chunks: () => [bytes] },
      },
      /embedding is F32/,
    ],
    [
      "no ternary weights",
      {
        tensor: (tensor, bytes) =>
          tensor.type === "I2_S" ? undefined : { ...tensor, chunks: () => [bytes] },
      },
      /I2_S/,
    ],
  ])("refuses a model with %s", (_case, changes, reason) => {
    writeGoldenVariant(path, changes);

    expect(() => checkModel(path)).toThrow(reason);
  });

  it("lists all reasons at once", () => {
    writeGoldenVariant(path, {
      metadata: (metadata) => {
        metadata.delete("general.architecture");
        metadata.delete("tokenizer.ggml.model");
      },
    });

    expect(() => checkModel(path)).toThrow(/architecture.*tokenizer/s);
  });

  it.each([
    ["no GGUF at all", "version https://git-lfs.github.com/spec/v1"],
    ["nothing", ""],
  ])("refuses a file with %s", (_case, text) => {
    writeFileSync(path, text);

    expect(() => checkModel(path)).toThrow(/cannot be served/);
  });
});
