/**
 * The token table: (vocabulary, width). Its rows are the input vectors of the tokens and, since
 * BitNet ties both ends, what the last hidden vector is multiplied with to score the next token.
 */
import { float16ToFloat32, roundToFloat16 } from "../formats/float16.ts";
import { dequantizeQ6k, q6kBlockLength, type SixBitWeights, unpackQ6k } from "../formats/q6k.ts";
import { type EightBitVector, quantizeQ8k } from "../formats/q8k.ts";
import { ModelError } from "./hyper-parameters.ts";
import { dotFloat16 } from "./lane-sums.ts";

const { fround } = Math;

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

/**
 * A table in Q6_K: sums of integers within a block, scaled and summed as f32 from block to block.
 * The sums run in the eight lanes of the engine's AVX2 register, and are added up in its order: see
 * `lane-sums.ts` for why. Of every 32 weights, each lane gets four neighbours. (As
 * ggml_vec_dot_q6_K_q8_K of ggml/src/ggml-quants.c, llama.cpp@1f86f058, read 2026-11.)
 */
class SixBitEmbedding implements TokenEmbedding {
  readonly #table: SixBitWeights;
  readonly #width: number;

  constructor(bytes: Uint8Array, width: number) {
    this.#table = unpackQ6k(bytes);
    this.#width = width;
  }

  vectorOf(token: number): Float32Array {
    return dequantizeQ6k(this.#table, token * this.#width, (token + 1) * this.#width);
  }

  logitsFor(hidden: Float32Array): Float32Array {
    const vector = quantizeQ8k(hidden);
    const logits = new Float32Array(this.#table.weights.length / this.#width);
    for (let token = 0; token < logits.length; token++) {
      logits[token] = dotRow(this.#table, token * this.#width, vector);
    }
    return logits;
  }
}

const lanes = new Float32Array(8);
const blockSums = new Int32Array(8);

/** The product of the row that starts at weight `start` and a vector as long as it. */
function dotRow(table: SixBitWeights, start: number, { values, scales }: EightBitVector): number {
  lanes.fill(0);
  for (let block = 0; block < scales.length; block++) {
    const from = block * q6kBlockLength;
    sumBlock(table, start + from, values, from);
    const blockScale = table.blockScales[(start + from) / q6kBlockLength] as number;
    const scale = fround((scales[block] as number) * blockScale);
    for (let lane = 0; lane < 8; lane++) {
      // A fused multiply-add: one rounding.
      lanes[lane] = (lanes[lane] as number) + scale * (blockSums[lane] as number);
    }
  }
  return sumOfLanes();
}

/** Fills `blockSums` from the block that starts at weight `at`, and the values from `from` on. */
function sumBlock(
  { weights, groupScales }: SixBitWeights,
  at: number,
  values: Int8Array,
  from: number,
): void {
  blockSums.fill(0);
  for (let offset = 0; offset < q6kBlockLength; offset += 32) {
    const group = (at + offset) >>> 4;
    const even = groupScales[group] as number;
    const odd = groupScales[group + 1] as number;
    for (let lane = 0; lane < 8; lane++) {
      const w = at + offset + 4 * lane;
      const v = from + offset + 4 * lane;
      const sum =
        (weights[w] as number) * (values[v] as number) +
        (weights[w + 1] as number) * (values[v + 1] as number) +
        (weights[w + 2] as number) * (values[v + 2] as number) +
        (weights[w + 3] as number) * (values[v + 3] as number);
      blockSums[lane] = (blockSums[lane] as number) + sum * (lane < 4 ? even : odd);
    }
  }
}

function sumOfLanes(): number {
  for (let lane = 0; lane < 4; lane++) {
    lanes[lane] = (lanes[lane] as number) + (lanes[lane + 4] as number);
  }
  const [a = 0, b = 0, c = 0, d = 0] = lanes;
  return fround(fround(a + c) + fround(b + d));
}
