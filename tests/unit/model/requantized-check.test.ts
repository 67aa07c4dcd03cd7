import { join } from "node:path";
import { tensorByteLength } from "../../../model/gguf-format.ts";
import { checkRequantized } from "../../../model/requantization.ts";
import { goldenPath, writeGoldenVariant } from "../../helpers/golden-variant.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const path = join(temporaryFolder(), "requantized.gguf");
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
