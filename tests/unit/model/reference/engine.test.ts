import { join } from "node:path";
import {
  type ByteSource,
  memoryByteSource,
  openByteSource,
} from "../../../../model/byte-source.ts";
import { readGguf, readTensorBytes } from "../../../../model/gguf.ts";
import type { GgufValue } from "../../../../model/gguf-format.ts";
import { encodeGguf, type GgufContent } from "../../../../model/gguf-writer.ts";
import {
  generateGreedily,
  loadModel,
  readModel,
  TextSession,
  topTokens,
} from "../../../../model/reference/engine.ts";
import { ModelError } from "../../../../model/reference/hyper-parameters.ts";
import { recordedFolder } from "../../../helpers/recorded.ts";

const path = join(recordedFolder, "random-tiny.gguf");
const content = contentOf(path);
const model = loadModel(path);

describe("readModel", () => {
  it.each<{ problem: string; metadata: Record<string, GgufValue | undefined>; message: string }>([
    {
      problem: "another architecture",
      metadata: { "general.architecture": { type: "string", value: "llama" } },
      message: "error loading model architecture: unknown model architecture: 'llama'",
    },
    {
      problem: "no architecture",
      metadata: { "general.architecture": undefined },
      message: "error loading model architecture: unknown model architecture: ''",
    },
    {
      problem: "a missing size",
      metadata: { "bitnet-b1.58.context_length": undefined },
      message:
        "error loading model hyperparameters: key not found in model: bitnet-b1.58.context_length",
    },
    {
      problem: "a size of nothing",
      metadata: { "bitnet-b1.58.block_count": { type: "u32", value: 0 } },
      message: "error loading model hyperparameters: bad value 0 for block_count",
    },
    {
      problem: "heads that do not divide the width",
      metadata: { "bitnet-b1.58.attention.head_count": { type: "u32", value: 3 } },
      message:
        "error loading model hyperparameters: embedding_length is no multiple of attention.head_count",
    },
    {
      problem: "rotation of part of a head",
      metadata: { "bitnet-b1.58.rope.dimension_count": { type: "u32", value: 32 } },
      message: "error loading model hyperparameters: rope.dimension_count 32 is not the head size",
    },
    {
      problem: "a layer too many",
      metadata: { "bitnet-b1.58.block_count": { type: "u32", value: 3 } },
      message: "check_tensor_dims: tensor 'blk.2.attn_norm.weight' not found",
    },
    {
      problem: "a layer too few",
      metadata: { "bitnet-b1.58.block_count": { type: "u32", value: 1 } },
      message: "done_getting_tensors: wrong number of tensors; expected 24, got 13",
    },
    {
      problem: "tensors of another shape",
      metadata: { "bitnet-b1.58.feed_forward_length": { type: "u32", value: 512 } },
      message:
        "check_tensor_dims: tensor 'blk.0.ffn_gate.weight' has wrong shape; expected 256, 512, got 256, 768",
    },
    {
      problem: "another kind of tokenizer",
      metadata: { "tokenizer.ggml.model": { type: "string", value: "llama" } },
      message: "error loading model vocabulary: unknown tokenizer: 'llama'",
    },
    {
      problem: "no pre-tokenizer",
      metadata: { "tokenizer.ggml.pre": undefined },
      message: "error loading model vocabulary: missing pre-tokenizer type (tokenizer.ggml.pre)",
    },
    {
      problem: "another pre-tokenizer",
      metadata: { "tokenizer.ggml.pre": { type: "string", value: "qwen2" } },
      message: "error loading model vocabulary: unknown pre-tokenizer type: 'qwen2'",
    },
    {
      problem: "no merges",
      metadata: { "tokenizer.ggml.merges": undefined },
      message: "error loading model vocabulary: cannot find tokenizer merges",
    },
    {
      problem: "an end token that is none",
      metadata: { "tokenizer.ggml.eos_token_id": { type: "u32", value: 1024 } },
      message: "error loading model vocabulary: eos_token_id is missing or out of range",
    },
  ])("refuses $problem", ({ metadata, message }) => {
    expect(() => readModel(changed(metadata))).toThrow(new ModelError(message));
  });

  it("refuses a token table of a type that it does not know", () => {
    const tensors = content.tensors.map((tensor) =>
      tensor.name === "token_embd.weight"
        ? { ...tensor, type: "F32" as const, chunks: () => [new Uint8Array(256 * 1024 * 4)] }
        : tensor,
    );

    expect(() => readModel(encoded({ ...content, tensors }))).toThrow(
      new ModelError("token_embd.weight has the type F32; only F16 and Q6_K are known"),
    );
  });

  it("computes something else when the blocks are misread", () => {
    const misread = loadModel(path, { i2sBlock: 64 });

    expect(answer(misread)).not.toEqual(answer(model));
  });
});

describe("TextSession", () => {
  it("has no scores before the first token", () => {
    expect(() => new TextSession(model, 32).logits()).toThrow(RangeError);
  });

  it("refuses a context that is no multiple of 32", () => {
    expect(() => new TextSession(model, 33)).toThrow(RangeError);
  });

  it("refuses a token beyond its context", () => {
    const session = new TextSession(model, 32);
    session.takeBatch(new Array(32).fill(97));

    expect(() => session.take(97, true)).toThrow(RangeError);
  });

  it("keeps two texts apart", () => {
    const [one, other] = [new TextSession(model, 64), new TextSession(model, 64)];
    one.takeBatch([1019, 97]);
    other.takeBatch([1019, 98, 99]);
    one.takeBatch([100, 101]);

    const alone = new TextSession(model, 64);
    alone.takeBatch([1019, 97]);
    alone.takeBatch([100, 101]);

    expect(one.logits()).toEqual(alone.logits());
  });

  it("goes on from a beginning that it is taken back to", () => {
    const [rewound, alone] = [new TextSession(model, 64), new TextSession(model, 64)];
    rewound.takeBatch([1019, 97, 98, 99]);
    alone.takeBatch([1019, 97]);

    rewound.rewind(2);
    for (const session of [rewound, alone]) session.takeBatch([100, 101]);

    expect(rewound.tokens).toEqual([1019, 97, 100, 101]);
    expect(rewound.logits()).toEqual(alone.logits());
  });
});

describe("generateGreedily", () => {
  it("ends with the end token", () => {
    const endless = answer(model);
    const [first = 0] = endless;
    const vocabulary = { ...model.vocabulary, endOfGeneration: new Set([first]) };

    const steps = [
      ...generateGreedily({ ...model, vocabulary }, "Hello world", {
        tokens: 8,
        contextTokens: 64,
      }),
    ];

    expect(steps.map(({ token, isEnd }) => [token, isEnd])).toEqual([[first, true]]);
  });

  it("yields as many tokens as asked for", () => {
    expect(answer(model)).toHaveLength(4);
  });
});

describe("topTokens", () => {
  it("ranks tokens, with probabilities among themselves", () => {
    const top = topTokens(Float32Array.from([0.1, 0.6, 0.3], Math.log), 2);

    expect(top.map(({ token }) => token)).toEqual([1, 2]);
    expect(top.map(({ probability }) => probability)).toEqual([
      expect.closeTo(2 / 3, 5),
      expect.closeTo(1 / 3, 5),
    ]);
  });
});

function answer(from: typeof model): number[] {
  const steps = generateGreedily(from, "Hello world", { tokens: 4, contextTokens: 64 });
  return [...steps].map(({ token }) => token);
}

function contentOf(file: string): GgufContent {
  const source = openByteSource(file);
  const gguf = readGguf(source);
  const tensors = gguf.tensors.map((tensor) => {
    const bytes = readTensorBytes(source, gguf, tensor);
    return { ...tensor, chunks: () => [bytes] };
  });
  source.close();
  return { metadata: gguf.metadata, tensors };
}

function changed(changes: Readonly<Record<string, GgufValue | undefined>>): ByteSource {
  const metadata = new Map(content.metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value) metadata.set(key, value);
    else metadata.delete(key);
  }
  return encoded({ ...content, metadata });
}

function encoded(it: GgufContent): ByteSource {
  return memoryByteSource(Buffer.concat([...encodeGguf(it)]));
}
