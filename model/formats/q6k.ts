/**
 * Q6_K, the six-bit format that llama-quantize makes of a token table: 256 weights in 210 bytes.
 *
 * A block has 16 groups of 16 weights. A weight is a whole number from -32 to 31, times the int8
 * scale of its group, times the one f16 scale of its block. The bytes of a block, in order:
 *
 *   - 128 with the low four bits. Of each half of the block (128 weights), the weights i and i + 64
 *     share a byte: the former in bits 3-0.
 *   - 64 with the high two bits. The weights i, i + 32, i + 64 and i + 96 of a half share a byte, in
 *     bits 1-0, 3-2, 5-4 and 7-6.
 *   - 16 group scales, 2 for the block's scale. Weights are stored with 32 added.
 *
 * Source: block_q6_K of ggml/src/ggml-common.h, dequantize_row_q6_K of ggml/src/ggml-quants.c,
 * llama.cpp@1f86f058 (read 2026-11).
 */
import { float16ToFloat32, float32ToFloat16 } from "./float16.ts";

/** Weights to a block; rows are whole blocks. */
export const q6kBlockLength = 256;
/** Weights to a group. */
export const q6kGroupLength = 16;
/** Bytes to a block. */
export const q6kBlockBytes = 210;

const halfBlock = 128;
const highBitsAt = 128;
const scalesAt = 192;
const blockScaleAt = 208;
const zeroCode = 32;

/** A table of weights: each is `weights` times its group's scale times its block's scale. */
export interface SixBitWeights {
  /** -32 to 31; row after row. */
  readonly weights: Int8Array;
  /** One for every 16 weights. */
  readonly groupScales: Int8Array;
  /** One for every 256 weights, exact in half precision. */
  readonly blockScales: Float32Array;
}

/** Room for `count` weights, all of them zero. Throws RangeError when they fill no whole blocks. */
export function emptySixBitWeights(count: number): SixBitWeights {
  if (count % q6kBlockLength !== 0) throw new RangeError(`${count} weights fill no blocks of 256`);
  return {
    weights: new Int8Array(count),
    groupScales: new Int8Array(count / q6kGroupLength),
    blockScales: new Float32Array(count / q6kBlockLength),
  };
}

/** Unpacks a tensor of the file. Throws RangeError when its bytes are no whole blocks. */
export function unpackQ6k(bytes: Uint8Array): SixBitWeights {
  if (bytes.length % q6kBlockBytes !== 0) {
    throw new RangeError(`${bytes.length} bytes are no blocks of ${q6kBlockBytes}`);
  }
  const blocks = bytes.length / q6kBlockBytes;
  const unpacked = emptySixBitWeights(blocks * q6kBlockLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let block = 0; block < blocks; block++) {
    const start = block * q6kBlockBytes;
    unpackWeights(bytes, start, unpacked.weights, block * q6kBlockLength);
    for (let group = 0; group < 16; group++) {
      unpacked.groupScales[block * 16 + group] = view.getInt8(start + scalesAt + group);
    }
    const scaleBits = view.getUint16(start + blockScaleAt, true);
    unpacked.blockScales[block] = float16ToFloat32(scaleBits);
  }
  return unpacked;
}

/** The inverse: the bytes of a tensor of the file. */
export function packQ6k({ weights, groupScales, blockScales }: SixBitWeights): Uint8Array {
  const bytes = new Uint8Array(blockScales.length * q6kBlockBytes);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blockScales.length; block++) {
    const start = block * q6kBlockBytes;
    packWeights(weights, block * q6kBlockLength, bytes, start);
    for (let group = 0; group < 16; group++) {
      view.setInt8(start + scalesAt + group, groupScales[block * 16 + group] as number);
    }
    const scaleBits = float32ToFloat16(blockScales[block] as number);
    view.setUint16(start + blockScaleAt, scaleBits, true);
  }
  return bytes;
}

/** Weights [from, to) as numbers, rounded as the engine rounds them. */
export function dequantizeQ6k(table: SixBitWeights, from: number, to: number): Float32Array {
  const { weights, groupScales, blockScales } = table;
  const numbers = new Float32Array(to - from);
  for (let index = from; index < to; index++) {
    const blockScale = blockScales[index >>> 8] as number;
    const scale = Math.fround(blockScale * (groupScales[index >>> 4] as number));
    numbers[index - from] = scale * (weights[index] as number);
  }
  return numbers;
}

function unpackWeights(bytes: Uint8Array, start: number, weights: Int8Array, first: number): void {
  for (let half = 0; half < 2; half++) {
    const low = start + half * 64;
    const high = start + highBitsAt + half * 32;
    const to = first + half * halfBlock;
    for (let index = 0; index < 32; index++) {
      const one = bytes[low + index] as number;
      const other = bytes[low + index + 32] as number;
      const bits = bytes[high + index] as number;
      weights[to + index] = ((one & 15) | ((bits & 3) << 4)) - zeroCode;
      weights[to + index + 32] = ((other & 15) | (((bits >> 2) & 3) << 4)) - zeroCode;
      weights[to + index + 64] = ((one >> 4) | (((bits >> 4) & 3) << 4)) - zeroCode;
      weights[to + index + 96] = ((other >> 4) | ((bits >> 6) << 4)) - zeroCode;
    }
  }
}

function packWeights(weights: Int8Array, first: number, bytes: Uint8Array, start: number): void {
  const code = (index: number) => (weights[index] as number) + zeroCode;
  for (let half = 0; half < 2; half++) {
    const low = start + half * 64;
    const high = start + highBitsAt + half * 32;
    for (let index = 0; index < 32; index++) {
      const from = first + half * halfBlock + index;
      const [a, b, c, d] = [code(from), code(from + 32), code(from + 64), code(from + 96)];
      bytes[low + index] = (a & 15) | ((c & 15) << 4);
      bytes[low + index + 32] = (b & 15) | ((d & 15) << 4);
      bytes[high + index] = (a >> 4) | ((b >> 4) << 2) | ((c >> 4) << 4) | ((d >> 4) << 6);
    }
  }
}
