/**
 * I2_S, the file format of BitNet's ternary weights: two bits a weight, four weights a byte, and
 * one f32 scale for the whole matrix, in a 32-byte tail behind the packed weights.
 *
 * Weights come in blocks of 128, packed into 32 bytes. Byte i of a block holds the weights i,
 * i + 32, i + 64 and i + 96, in bits 7-6, 5-4, 3-2 and 1-0, so that a 256-bit register of bytes,
 * shifted and masked, yields 32 neighbours at once. Codes 0, 1, 2 stand for -1, 0, +1.
 *
 * Source: microsoft/BitNet@01eb415 src/ggml-bitnet-mad.cpp and, in its llama.cpp, the decoder
 * dequantize_row_i2_s of ggml/src/ggml-quants.c (read 2026-11).
 */

/** Weights to a block in every published file. */
export const i2sBlockLength = 128;
/** Bytes behind the packed weights; the first four are the scale, the rest is zero. */
export const i2sTailBytes = 32;

/** A ternary matrix: every weight is -1, 0 or +1 times one scale. */
export interface TernaryWeights {
  /** -1, 0 or +1; row after row. */
  readonly weights: Int8Array;
  readonly scale: number;
}

/**
 * Unpacks `count` weights; by a `block` of 64, it misreads them as BitNet@01eb415 does on ARM.
 * Throws RangeError when the bytes are too few, or the weights fill no whole blocks.
 */
export function unpackI2s(
  bytes: Uint8Array,
  count: number,
  block = i2sBlockLength,
): TernaryWeights {
  checkSizes(count, block);
  if (bytes.length < count / 4 + 4) throw new RangeError(`${count} weights need more bytes`);
  const group = block / 4;
  const weights = new Int8Array(count);
  for (let start = 0; start < count; start += block) {
    for (let index = 0; index < group; index++) {
      const byte = bytes[start / 4 + index] as number;
      const first = start + index;
      weights[first] = ((byte >>> 6) & 3) - 1;
      weights[first + group] = ((byte >>> 4) & 3) - 1;
      weights[first + 2 * group] = ((byte >>> 2) & 3) - 1;
      weights[first + 3 * group] = (byte & 3) - 1;
    }
  }
  const tail = new DataView(bytes.buffer, bytes.byteOffset + count / 4, 4);
  return { weights, scale: tail.getFloat32(0, true) };
}

/** The inverse: packed weights, scale and zeroes, as a tensor of the file holds them. */
export function packI2s({ weights, scale }: TernaryWeights, block = i2sBlockLength): Uint8Array {
  const count = weights.length;
  checkSizes(count, block);
  const group = block / 4;
  const bytes = new Uint8Array(count / 4 + i2sTailBytes);
  for (let position = 0; position < count; position++) {
    const inBlock = position % block;
    const byteIndex = (position - inBlock) / 4 + (inBlock % group);
    const shift = 6 - 2 * Math.floor(inBlock / group);
    bytes[byteIndex] =
      (bytes[byteIndex] as number) | (((weights[position] as number) + 1) << shift);
  }
  new DataView(bytes.buffer).setFloat32(count / 4, scale, true);
  return bytes;
}

function checkSizes(count: number, block: number): void {
  if (block < 4 || block % 4 !== 0) throw new RangeError(`a block of ${block} is impossible`);
  if (count % block !== 0) throw new RangeError(`${count} weights fill no blocks of ${block}`);
}
