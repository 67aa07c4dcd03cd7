/**
 * BitNet's linear layer: activations, scaled per vector to int8 by "absmax", times ternary weights,
 * summed as integers; both scales are applied once per output.
 *
 * A byte of an I2_S row holds four weights and so selects one of 256 sums of four activations. Those
 * are computed once per group of four and then looked up for every row, straight from the packed
 * bytes: the idea behind bitnet.cpp's own TL1 and TL2 kernels (arXiv:2410.16144).
 *
 * Rounding follows quantize_row_i8_s (ggml/src/ggml-quants.c) and the I2_S branch of
 * ggml_compute_forward_mul_mat (ggml/src/ggml.c) of llama.cpp@1f86f058.
 */
import { roundToInteger } from "../formats/round-to-integer.ts";

const { abs, fround, max } = Math;

/** Activations below this magnitude are not blown up to 127. */
const smallestMaximum = 1e-5;

/** A vector as int8, and what to divide by to get it back. */
interface QuantizedVector {
  readonly values: Int8Array; // (columns)
  readonly scale: number; // 127 / largest magnitude
}

/** A quantized vector made ready for matrices. Its large table is reused from vector to vector. */
export class BitLinearInput {
  readonly sums: Int16Array; // (columns / 4, 256)
  readonly #block: number;
  scale = 1;

  /** For vectors of up to `columns` numbers, and matrices packed in blocks of `block` weights. */
  constructor(columns: number, block: number) {
    this.sums = new Int16Array(columns * 64);
    this.#block = block;
  }

  /** Loads a vector in place of the one before. */
  load(vector: Float32Array): this {
    const { values, scale } = quantizeActivations(vector);
    tabulateSumsOfFour(values, this.#block, this.sums);
    this.scale = scale;
    return this;
  }
}

/** Rounds a vector to int8 by its largest magnitude. */
export function quantizeActivations(vector: Float32Array): QuantizedVector {
  let maximum = smallestMaximum;
  for (let index = 0; index < vector.length; index++) {
    maximum = max(maximum, abs(vector[index] as number));
  }
  const scale = fround(127 / maximum);
  const values = new Int8Array(vector.length);
  for (let index = 0; index < vector.length; index++) {
    values[index] = roundToInteger(fround((vector[index] as number) * scale));
  }
  return { values, scale };
}

/** One ternary matrix, kept as packed in the file. */
export class BitLinear {
  readonly columns: number;
  readonly rows: number;
  readonly #packed: Uint8Array; // (rows, columns / 4)
  readonly #weightScale: number;

  /**
   * `bytes` is an I2_S tensor of `rows` by `columns` weights, in blocks of `block` weights.
   * Throws RangeError when a row is not a whole number of blocks, or the rows no multiple of 4.
   */
  constructor(bytes: Uint8Array, shape: { rows: number; columns: number }, block: number) {
    if (shape.columns % block !== 0 || shape.rows % 4 !== 0) {
      throw new RangeError(`${shape.rows} rows of ${shape.columns} weights, blocks of ${block}`);
    }
    this.columns = shape.columns;
    this.rows = shape.rows;
    const packedLength = (shape.rows * shape.columns) / 4;
    this.#packed = bytes.subarray(0, packedLength);
    const tail = new DataView(bytes.buffer, bytes.byteOffset + packedLength, 4);
    this.#weightScale = tail.getFloat32(0, true);
  }

  /** The product: one output (rows) for an input (columns). */
  apply({ sums, scale }: BitLinearInput): Float32Array {
    const output = new Float32Array(this.rows);
    const stride = this.columns / 4;
    const packed = this.#packed;
    const weightScale = this.#weightScale;
    // Four rows a turn, so that the processor need not wait for one sum before the next.
    for (let row = 0; row < this.rows; row += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let index = 0, byte = row * stride; index < stride; index++, byte++) {
        const group = index << 8;
        a = (a + (sums[group | (packed[byte] as number)] as number)) | 0;
        b = (b + (sums[group | (packed[byte + stride] as number)] as number)) | 0;
        c = (c + (sums[group | (packed[byte + 2 * stride] as number)] as number)) | 0;
        d = (d + (sums[group | (packed[byte + 3 * stride] as number)] as number)) | 0;
      }
      output[row] = fround(a / scale) * weightScale;
      output[row + 1] = fround(b / scale) * weightScale;
      output[row + 2] = fround(c / scale) * weightScale;
      output[row + 3] = fround(d / scale) * weightScale;
    }
    return output;
  }
}

/** For each byte of a row, the 256 sums that it can mean. Like the engine, reads code 3 as +2. */
function tabulateSumsOfFour(values: Int8Array, block: number, sums: Int16Array): void {
  const group = block / 4;
  let next = 0;
  for (let start = 0; start < values.length; start += block) {
    for (let index = start; index < start + group; index++) {
      const a = values[index] as number; // bits 7-6 of the byte
      const b = values[index + group] as number; // bits 5-4
      const c = values[index + 2 * group] as number; // bits 3-2
      const d = values[index + 3 * group] as number; // bits 1-0
      for (let codes = 0; codes < 64; codes++) {
        const sum = ((codes >> 4) - 1) * a + (((codes >> 2) & 3) - 1) * b + ((codes & 3) - 1) * c;
        sums[next] = sum - d;
        sums[next + 1] = sum;
        sums[next + 2] = sum + d;
        sums[next + 3] = sum + 2 * d;
        next += 4;
      }
    }
  }
}
