/**
 * A model of any size whose weights mean nothing: speed and memory do not depend on their values,
 * so the real ones can be measured where the real model cannot be had.
 *
 * Ternary weights and the embedding are random; norms are 1; scales are such that activations keep
 * their size from layer to layer. The tokens that end a text are never chosen greedily: their rows
 * of the embedding are zero, and the best of many random scores is above it.
 */

import { bytesToAlphabet } from "../../../model/formats/byte-alphabet.ts";
import { i2sTailBytes } from "../../../model/formats/i2s.ts";
import { MersenneTwister } from "../../../model/formats/mersenne-twister.ts";
import { architectureName, type HyperParameters } from "../../../model/formats/model-shape.ts";
import { quantizeQ6k } from "../../../model/formats/q6k-quantizer.ts";
import type { GgufValue } from "../../../model/gguf-format.ts";
import { embeddingName, layerTensorName, outputNormName } from "../../../model/gguf-format.ts";
import type { GgufContent, GgufTensorSource } from "../../../model/gguf-writer.ts";

/** The sizes of a model. The vocabulary has 256 special tokens beside the normal ones. */
export type SyntheticShape = Omit<HyperParameters, "vocabularySize" | "headSize"> & {
  /** At least the 256 bytes. */
  readonly normalTokens: number;
};

/** What to make. The same recipe gives the same bytes. */
export interface SyntheticRecipe {
  readonly name: string;
  readonly shape: SyntheticShape;
  readonly embeddingType: "F16" | "Q6_K";
  /** 0 to 2^31. */
  readonly seed: number;
}

/** BitNet b1.58 2B4T. Source: config.json of microsoft/bitnet-b1.58-2B-4T. */
export const shapeOf2B4T: SyntheticShape = {
  normalTokens: 128_000,
  contextLength: 4096,
  width: 2560,
  feedForwardWidth: 6912,
  layers: 30,
  heads: 20,
  keyValueHeads: 5,
  normEpsilon: 1e-5,
  ropeBase: 500_000,
};

/** All of a model's file, to write. Weights are made up only when they are asked for. */
export function syntheticModel(recipe: SyntheticRecipe): GgufContent {
  const vocabulary = syntheticVocabulary(recipe.shape.normalTokens);
  return { metadata: metadataOf(recipe, vocabulary), tensors: tensorsOf(recipe, vocabulary) };
}

type SyntheticVocabulary = ReturnType<typeof syntheticVocabulary>;

function metadataOf(
  { name, shape, embeddingType }: SyntheticRecipe,
  vocabulary: SyntheticVocabulary,
): ReadonlyMap<string, GgufValue> {
  const { tokens, kinds, merges, beginningOfText, endOfText } = vocabulary;
  const ofModel = (key: string, type: "u32" | "f32", value: number) =>
    [`${architectureName}.${key}`, { type, value }] as const;
  return new Map<string, GgufValue>([
    ["general.architecture", { type: "string", value: architectureName }],
    ["general.name", { type: "string", value: name }],
    // llama.cpp's number for "mostly I2_S".
    ["general.file_type", { type: "u32", value: 40 }],
    ofModel("vocab_size", "u32", tokens.length),
    ofModel("context_length", "u32", shape.contextLength),
    ofModel("embedding_length", "u32", shape.width),
    ofModel("block_count", "u32", shape.layers),
    ofModel("feed_forward_length", "u32", shape.feedForwardWidth),
    ofModel("rope.dimension_count", "u32", shape.width / shape.heads),
    ofModel("attention.head_count", "u32", shape.heads),
    ofModel("attention.head_count_kv", "u32", shape.keyValueHeads),
    ofModel("attention.layer_norm_rms_epsilon", "f32", shape.normEpsilon),
    ofModel("rope.freq_base", "f32", shape.ropeBase),
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "llama-bpe" }],
    ["tokenizer.ggml.tokens", { type: "array", itemType: "string", value: tokens }],
    ["tokenizer.ggml.token_type", { type: "array", itemType: "i32", value: kinds }],
    ["tokenizer.ggml.merges", { type: "array", itemType: "string", value: merges }],
    ["tokenizer.ggml.bos_token_id", { type: "u32", value: beginningOfText }],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: endOfText }],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: true }],
    // llama-quantize says so of whatever it has quantized.
    ...(embeddingType === "Q6_K"
      ? [["general.quantization_version", { type: "u32", value: 2 }] as const]
      : []),
  ]);
}

function tensorsOf(recipe: SyntheticRecipe, vocabulary: SyntheticVocabulary): GgufTensorSource[] {
  const { shape, seed } = recipe;
  const { width, feedForwardWidth, layers } = shape;
  const keyValueWidth = (width / shape.heads) * shape.keyValueHeads;
  const tensors: GgufTensorSource[] = [embedding(recipe, vocabulary), norm(outputNormName, width)];
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => layerTensorName(layer, part);
    const ternary = (part: string, columns: number, rows: number) =>
      ternaryMatrix(name(part), { columns, rows }, seed + 1 + tensors.length);
    tensors.push(norm(name("attn_norm"), width));
    tensors.push(norm(name("attn_sub_norm"), width));
    tensors.push(norm(name("ffn_norm"), width));
    tensors.push(norm(name("ffn_sub_norm"), feedForwardWidth));
    tensors.push(ternary("attn_q", width, width));
    tensors.push(ternary("attn_k", width, keyValueWidth));
    tensors.push(ternary("attn_v", width, keyValueWidth));
    tensors.push(ternary("attn_output", width, width));
    tensors.push(ternary("ffn_gate", width, feedForwardWidth));
    tensors.push(ternary("ffn_up", width, feedForwardWidth));
    tensors.push(ternary("ffn_down", feedForwardWidth, width));
  }
  return tensors;
}

function norm(name: string, length: number): GgufTensorSource {
  const ones = () => new Uint8Array(new Float32Array(length).fill(1).buffer);
  return { name, type: "F32", dimensions: [length], chunks: () => [ones()] };
}

/** Bytes made up at a time. */
const chunkBytes = 1024 * 1024;

/** Every byte that holds four codes of -1, 0 or +1 (0, 1 or 2): 81 of the 256. */
const ternaryBytes = Uint8Array.from(
  Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => ![0, 2, 4, 6].some((shift) => ((byte >> shift) & 3) === 3),
  ),
);

function ternaryMatrix(
  name: string,
  { columns, rows }: { columns: number; rows: number },
  seed: number,
): GgufTensorSource {
  const packedBytes = (columns * rows) / 4;
  return {
    name,
    type: "I2_S",
    dimensions: [columns, rows],
    *chunks() {
      const random = new MersenneTwister(seed);
      for (let done = 0; done < packedBytes; done += chunkBytes) {
        yield randomTernary(Math.min(chunkBytes, packedBytes - done), random);
      }
      const tail = Buffer.alloc(i2sTailBytes);
      // Two weights in three are not zero: outputs are as large as inputs, on average.
      tail.writeFloatLE(1 / Math.sqrt((columns * 2) / 3));
      yield tail;
    },
  };
}

function randomTernary(length: number, random: MersenneTwister): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 2) {
    const word = random.nextUint32();
    bytes[index] = ternaryBytes[((word & 0xffff) * ternaryBytes.length) >>> 16] as number;
    bytes[index + 1] = ternaryBytes[((word >>> 16) * ternaryBytes.length) >>> 16] as number;
  }
  return bytes;
}

/** Rows of the embedding made up at a time. */
const chunkRows = 256;

function embedding(
  { shape, embeddingType, seed }: SyntheticRecipe,
  { tokens, endOfText, endOfTurn }: SyntheticVocabulary,
): GgufTensorSource {
  const { width } = shape;
  return {
    name: embeddingName,
    type: embeddingType,
    dimensions: [width, tokens.length],
    *chunks() {
      const random = new MersenneTwister(seed);
      for (let first = 0; first < tokens.length; first += chunkRows) {
        const rows = Math.min(chunkRows, tokens.length - first);
        const numbers = randomFloat16(rows * width, random);
        for (const end of [endOfText, endOfTurn].map((token) => token - first)) {
          if (end >= 0 && end < rows) numbers.fill(0, end * width, (end + 1) * width);
        }
        const bytes = new Uint8Array(numbers.buffer);
        yield embeddingType === "Q6_K" ? quantizeQ6k(bytes) : bytes;
      }
    },
  };
}

/** Half-precision numbers of both signs from 1/64 to 1/32: sign and fraction are random. */
function randomFloat16(count: number, random: MersenneTwister): Uint16Array<ArrayBuffer> {
  const numbers = new Uint16Array(count);
  for (let index = 0; index < count; index += 2) {
    const word = random.nextUint32();
    numbers[index] = (word & 0x83ff) | 0x2400;
    numbers[index + 1] = ((word >>> 16) & 0x83ff) | 0x2400;
  }
  return numbers;
}

/** Special tokens of Llama 3, whose vocabulary BitNet has. */
const specialTokens = 256;
const namedSpecialTokens: ReadonlyMap<number, string> = new Map([
  [0, "<|begin_of_text|>"],
  [1, "<|end_of_text|>"],
  [9, "<|eot_id|>"],
]);
/** `tokenizer.ggml.token_type`. */
const kind = { normal: 1, control: 3 } as const;

const letters = [..."etaoinshrdlucmfwypvbgkjqxz"];

/**
 * Makes up a vocabulary: every byte is a token; every other normal token is one merge of an earlier
 * one, or a space, and a letter, the short ones first. So any text has tokens, and English about one
 * for two letters.
 */
function syntheticVocabulary(normalTokens: number) {
  const bytes = [...bytesToAlphabet(Uint8Array.from({ length: 256 }, (_, byte) => byte))];
  const merges: string[] = [];
  const pieces = [bytesToAlphabet(Buffer.from(" ")), ...letters];
  for (const left of pieces) {
    const missing = Math.max(0, normalTokens - bytes.length - merges.length);
    for (const right of letters.slice(0, missing)) {
      merges.push(`${left} ${right}`);
      pieces.push(left + right);
    }
    if (missing === 0) break;
  }
  const special = Array.from({ length: specialTokens }, (_, index) => {
    return namedSpecialTokens.get(index) ?? `<|reserved_special_token_${index}|>`;
  });
  return {
    tokens: [...bytes, ...merges.map((merge) => merge.replace(" ", "")), ...special],
    kinds: [
      ...new Array<number>(normalTokens).fill(kind.normal),
      ...new Array<number>(specialTokens).fill(kind.control),
    ],
    /** "left right", in order of rank. */
    merges,
    beginningOfText: normalTokens,
    endOfText: normalTokens + 1,
    endOfTurn: normalTokens + 9,
  };
}
