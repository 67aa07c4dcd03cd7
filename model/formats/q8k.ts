/**
 * Q8_K, what a vector becomes before it meets a Q6_K matrix: int8, one f32 scale for 256 numbers.
 *
 * Source: quantize_row_q8_K_ref of ggml/src/ggml-quants.c, llama.cpp@1f86f058 (read 2026-11).
 */
import { roundToInteger } from "./round-to-integer.ts";

const { abs, fround } = Math;

/** Numbers to a block. */
const q8kBlockLength = 256;

/** A vector: each number is `values` times the scale of its block. */
export interface EightBitVector {
  /** -127 to 127. */
  readonly values: Int8Array;
  /** One for every 256 numbers. */
  readonly scales: Float32Array;
}

/** Rounds a vector of whole blocks: the (first) largest magnitude of each becomes -127. */
export function quantizeQ8k(vector: Float32Array): EightBitVector {
  const values = new Int8Array(vector.length);
  const scales = new Float32Array(vector.length / q8kBlockLength);
  for (let block = 0; block < scales.length; block++) {
    const start = block * q8kBlockLength;
    const largest = largestOf(vector, start, start + q8kBlockLength);
    if (largest === 0) continue;
    const inverse = fround(-127 / largest);
    for (let index = start; index < start + q8kBlockLength; index++) {
      values[index] = roundToInteger(fround(inverse * (vector[index] as number)));
    }
    scales[block] = 1 / inverse;
  }
  return { values, scales };
}

/** The number of the largest magnitude among [from, to), with its sign; the first of several. */
export function largestOf(vector: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let index = from; index < to; index++) {
    const value = vector[index] as number;
    if (abs(value) > abs(largest)) largest = value;
  }
  return largest;
}
