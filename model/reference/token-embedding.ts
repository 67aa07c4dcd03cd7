/**
 * The token table: (vocabulary, width). Its rows are what tokens enter the model as, and, since
 * BitNet ties both ends, what the last hidden vector is compared with to score the next token.
 */
import { float16ToFloat32, roundToFloat16 } from "../formats/float16.ts";
import { q6kBlockLength } from "../formats/q6k.ts";
import { ModelError } from "./hyper-parameters.ts";
import { dotFloat16 } from "./lane-sums.ts";
import { sixBitEmbedding } from "./six-bit-embedding.ts";

/** A token table in whatever format the file has it. */
export interface TokenEmbedding {
  /** The vector of one token. A copy. */
  vectorOf(token: number): Float32Array; // (width)
  /** One score per token for a hidden vector. */
  logitsFor(hidden: Float32Array): Float32Array; // (vocabulary)
}

/** Builds the table for one tensor type of the file. */
const FORMATS: Readonly<Record<string, (bytes: Uint8Array, width: number) => TokenEmbedding>> = {
  F16: float16Embedding,
  Q6_K: sixBitEmbedding,
};

/** Throws ModelError for a tensor type that this engine does not know, or rows of half blocks. */
export function tokenEmbedding(type: string, bytes: Uint8Array, width: number): TokenEmbedding {
  const format = FORMATS[type];
  if (!format) {
    const known = Object.keys(FORMATS).join(" and ");
    throw new ModelError(`token_embd.weight has the type ${type}; only ${known} are known`);
  }
  if (type === "Q6_K" && width % q6kBlockLength !== 0) {
    throw new ModelError(`token_embd.weight: rows of ${width} are no blocks of ${q6kBlockLength}`);
  }
  return format(bytes, width);
}

function float16Embedding(bytes: Uint8Array, width: number): TokenEmbedding {
  const bits = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = new Float32Array(bytes.byteLength / 2);
  for (let index = 0; index < table.length; index++) {
    table[index] = float16ToFloat32(bits.getUint16(2 * index, true));
  }
  return {
    vectorOf: (token) => table.slice(token * width, (token + 1) * width),
    logitsFor: (hidden) => {
      const rounded = hidden.map(roundToFloat16);
      const logits = new Float32Array(table.length / width);
      for (let token = 0; token < logits.length; token++) {
        logits[token] = dotFloat16({ values: table, start: token * width }, rounded);
      }
      return logits;
    },
  };
}
