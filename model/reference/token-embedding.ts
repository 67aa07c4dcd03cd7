/**
 * The token table: (vocabulary, width). Its rows are the input vectors of the tokens and, since
 * BitNet ties both ends, what the last hidden vector is multiplied with to score the next token.
 */
import { float16ToFloat32, roundToFloat16 } from "../formats/float16.ts";
import { q6kBlockLength } from "../formats/q6k.ts";
import { ModelError } from "./hyper-parameters.ts";
import { dotFloat16 } from "./lane-sums.ts";
import { SixBitEmbedding } from "./six-bit-embedding.ts";

/** A token table in the format of the file. */
export interface TokenEmbedding {
  /** The vector of one token. A copy. */
  vectorOf(token: number): Float32Array; // (width)
  /** One score per token for a hidden vector. */
  logitsFor(hidden: Float32Array): Float32Array; // (vocabulary)
}

/** Throws ModelError for a tensor type that this engine does not know, or rows of half blocks. */
export function tokenEmbedding(type: string, bytes: Uint8Array, width: number): TokenEmbedding {
  if (type === "F16") return new HalfPrecisionEmbedding(bytes, width);
  if (type !== "Q6_K") {
    throw new ModelError(`token_embd.weight has the type ${type}; only F16 and Q6_K are known`);
  }
  if (width % q6kBlockLength !== 0) {
    throw new ModelError(`token_embd.weight: rows of ${width} are no blocks of ${q6kBlockLength}`);
  }
  return new SixBitEmbedding(bytes, width);
}

class HalfPrecisionEmbedding implements TokenEmbedding {
  readonly #table: Float32Array;
  readonly #width: number;

  constructor(bytes: Uint8Array, width: number) {
    const bits = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const table = new Float32Array(bytes.byteLength / 2);
    for (let index = 0; index < table.length; index++) {
      table[index] = float16ToFloat32(bits.getUint16(2 * index, true));
    }
    this.#table = table;
    this.#width = width;
  }

  vectorOf(token: number): Float32Array {
    return this.#table.slice(token * this.#width, (token + 1) * this.#width);
  }

  logitsFor(hidden: Float32Array): Float32Array {
    const rounded = hidden.map(roundToFloat16);
    const logits = new Float32Array(this.#table.length / this.#width);
    for (let token = 0; token < logits.length; token++) {
      const row = { values: this.#table, start: token * this.#width };
      logits[token] = dotFloat16(row, rounded);
    }
    return logits;
  }
}
