// F16 to Q6_K for tests and made-up models: every group of 16 is scaled by its number of the largest
// magnitude, and every group's scale by the largest of its block. llama-quantize, whose files go into
// images, tries several scales (make_qx_quants of ggml/src/ggml-quants.c) and so makes other bytes.

import { float16ToFloat32, roundToFloat16 } from "./float16.ts";
import {
  emptySixBitWeights,
  packQ6k,
  q6kBlockLength,
  q6kGroupLength,
  type SixBitWeights,
} from "./q6k.ts";
import { largestOf } from "./q8k.ts";
import { roundToInteger } from "./round-to-integer.ts";

/** Bytes of an F16 tensor, whole blocks of it, as Q6_K. Throws RangeError when they are none. */
export function quantizeQ6k(float16: Uint8Array): Uint8Array {
  const view = new DataView(float16.buffer, float16.byteOffset, float16.byteLength);
  const numbers = new Float32Array(float16.byteLength / 2);
  for (let index = 0; index < numbers.length; index++) {
    numbers[index] = float16ToFloat32(view.getUint16(2 * index, true));
  }
  const table = emptySixBitWeights(numbers.length);
  for (let start = 0; start < numbers.length; start += q6kBlockLength) {
    quantizeBlock(numbers, start, table);
  }
  return packQ6k(table);
}

function quantizeBlock(numbers: Float32Array, start: number, table: SixBitWeights): void {
  const { weights, groupScales, blockScales } = table;
  const wanted = new Float32Array(q6kBlockLength / q6kGroupLength);
  for (let group = 0; group < wanted.length; group++) {
    const from = start + group * q6kGroupLength;
    // The largest becomes -32: the range has one more number below zero than above.
    wanted[group] = largestOf(numbers, from, from + q6kGroupLength) / -32;
  }
  const blockScale = roundToFloat16(largestOf(wanted, 0, wanted.length) / -128);
  blockScales[start / q6kBlockLength] = blockScale;
  if (blockScale === 0) return;
  for (let group = 0; group < wanted.length; group++) {
    const groupScale = clamp(roundToInteger((wanted[group] as number) / blockScale), -128, 127);
    groupScales[start / q6kGroupLength + group] = groupScale;
    if (groupScale === 0) continue;
    const from = start + group * q6kGroupLength;
    for (let index = from; index < from + q6kGroupLength; index++) {
      const steps = (numbers[index] as number) / (blockScale * groupScale);
      weights[index] = clamp(roundToInteger(steps), -32, 31);
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
