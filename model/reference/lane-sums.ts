/**
 * The dot product, summed in the order of the engine's AVX2 code: 8 f32 lanes to a register, and a
 * fused multiply-add that rounds once (here f64 arithmetic, exact for two f32, rounded to f32).
 *
 * The order shows in the last bits; BitNet then rounds to int8, where a last bit can become a whole
 * step. With plain sums the recorded probabilities are off by up to 0.028; in this order they are
 * equal.
 *
 * Source: ggml_vec_dot_f16 and GGML_F32x8_REDUCE, ggml/src/ggml.c of llama.cpp@1f86f058. (Prompts
 * take ggml/src/llamafile/sgemm.cpp, whose order made no difference in anything recorded.)
 */

// Taken out of Math once, here and in other hot places: inside jest, every look-up is slow.
const { fround } = Math;

/** Four registers of 8 lanes: every dot product runs over a multiple of this many numbers. */
export const laneCount = 32;

/** Part of a matrix row, from `start` on, as long as the vector it meets. */
export interface Row {
  readonly values: Float32Array;
  readonly start: number;
}

/** The dot product of a row and a vector, both of half-precision numbers. */
export function dotFloat16(row: Row, vector: Float32Array): number {
  multiplyAdd(row, vector);
  fold(sums, 16);
  fold(sums, 8);
  fold(sums, 4);
  return fround(fround(at(sums, 0) + at(sums, 1)) + fround(at(sums, 2) + at(sums, 3)));
}

const sums = new Float32Array(laneCount);

/** Lane i gets the products i, i + 32, i + 64 and so on. Four lanes a turn, for speed. */
function multiplyAdd({ values, start }: Row, vector: Float32Array): void {
  for (let lane = 0; lane < laneCount; lane += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = lane, j = start + lane; i < vector.length; i += laneCount, j += laneCount) {
      a = fround(a + at(values, j) * at(vector, i));
      b = fround(b + at(values, j + 1) * at(vector, i + 1));
      c = fround(c + at(values, j + 2) * at(vector, i + 2));
      d = fround(d + at(values, j + 3) * at(vector, i + 3));
    }
    sums[lane] = a;
    sums[lane + 1] = b;
    sums[lane + 2] = c;
    sums[lane + 3] = d;
  }
}

/** Adds the upper of two halves, `half` lanes each, to the lower. */
function fold(lanes: Float32Array, half: number): void {
  for (let lane = 0; lane < half; lane++) {
    lanes[lane] = at(lanes, lane) + at(lanes, lane + half);
  }
}

function at(numbers: Float32Array, index: number): number {
  return numbers[index] as number;
}
