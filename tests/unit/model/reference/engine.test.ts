import { join } from "node:path";
import { readGguf, readTensorBytes } from "../../../../model/gguf.ts";
import type { GgufContent } from "../../../../model/gguf-writer.ts";
import { loadModel, TextSession } from "../../../../model/reference/engine.ts";
import { ModelError } from "../../../../model/reference/hyper-parameters.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";
import { writeGguf } from "../../../helpers/write-gguf.ts";
import { randomModel } from "./run-llama-cli.ts";

const folder = temporaryFolder();
const gguf = readGguf(randomModel);
const content: GgufContent = {
  metadata: gguf.metadata,
  tensors: gguf.tensors.map((tensor) => ({
    ...tensor,
    chunks: () => [readTensorBytes(gguf, tensor)],
  })),
};
const model = loadModel(randomModel);

/** Where the metadata of a part of the model is, and how the refusals of it begin. */
const parts = {
  architecture: ["general.", "error loading model architecture: "],
  shape: ["bitnet-b1.58.", "error loading model hyperparameters: "],
  tensors: ["bitnet-b1.58.", ""],
  vocabulary: ["tokenizer.ggml.", "error loading model vocabulary: "],
} as const;

describe("loadModel", () => {
  it.each<[keyof typeof parts, key: string, value: string | number | undefined, message: string]>([
    ["architecture", "architecture", "llama", "unknown model architecture: 'llama'"],
    ["architecture", "architecture", undefined, "unknown model architecture: ''"],
    ["shape", "context_length", undefined, "key not found in model: bitnet-b1.58.context_length"],
    ["shape", "block_count", 0, "bad value 0 for block_count"],
    ["shape", "attention.head_count", 3, "embedding_length is no multiple of attention.head_count"],
    ["shape", "rope.dimension_count", 32, "rope.dimension_count 32 is not the head size"],
    ["tensors", "block_count", 3, "check_tensor_dims: tensor 'blk.2.attn_norm.weight' not found"],
    [
      "tensors",
      "feed_forward_length",
      512,
      "check_tensor_dims: tensor 'blk.0.ffn_gate.weight' has wrong shape; expected 256, 512, got 256, 768",
    ],
    ["vocabulary", "model", "llama", "unknown tokenizer: 'llama'"],
    ["vocabulary", "pre", undefined, "missing pre-tokenizer type (tokenizer.ggml.pre)"],
    ["vocabulary", "pre", "qwen2", "unknown pre-tokenizer type: 'qwen2'"],
    ["vocabulary", "merges", undefined, "cannot find tokenizer merges"],
    ["vocabulary", "eos_token_id", 1024, "eos_token_id is missing or out of range"],
  ])("refuses %s with %s = %p", (part, key, value, message) => {
    const [place, beginning] = parts[part];
    const metadata = new Map(content.metadata);
    metadata.delete(place + key);
    if (typeof value === "string") metadata.set(place + key, { type: "string", value });
    if (typeof value === "number") metadata.set(place + key, { type: "u32", value });

    expect(() => loadChanged({ metadata })).toThrow(new ModelError(beginning + message));
  });

  it("refuses a token table of a type that it does not know", () => {
    const tensors = content.tensors.map((tensor) =>
      tensor.name === "token_embd.weight"
        ? { ...tensor, type: "F32" as const, chunks: () => [new Uint8Array(256 * 1024 * 4)] }
        : tensor,
    );

    expect(() => loadChanged({ tensors })).toThrow(
      new ModelError("token_embd.weight has the type F32; only F16 and Q6_K are known"),
    );
  });
});

describe("TextSession", () => {
  it.each([
    ["scores before the first token", () => new TextSession(model, 32).logits()],
    ["a context that is no multiple of 32", () => new TextSession(model, 33)],
    ["a token beyond its context", () => new TextSession(model, 32).takeBatch(Array(33).fill(97))],
  ])("refuses %s", (_, action) => {
    expect(action).toThrow(RangeError);
  });
});

function loadChanged(changes: Partial<GgufContent>) {
  const path = join(folder, "changed.gguf");
  writeGguf(path, { ...content, ...changes });
  return loadModel(path);
}
