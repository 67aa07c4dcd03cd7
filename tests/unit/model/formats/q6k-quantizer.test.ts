import { float32ToFloat16, roundToFloat16 } from "../../../../model/formats/float16.ts";
import { dequantizeQ6k, unpackQ6k } from "../../../../model/formats/q6k.ts";
import { quantizeQ6k } from "../../../../model/formats/q6k-quantizer.ts";

describe("quantizeQ6k", () => {
  // Half a step of the group is what rounding costs; a whole one where a number lies beyond the
  // range; the group's scale is itself rounded to a step of the block's.
  it("keeps every number within a step of its group", () => {
    // Numbers of either sign, in groups of very different size.
    const numbers = numbersOf(1024, (at) => Math.sin(at * 1.7) * 1.1 ** -(at >> 4));
    const errors = roundTrip(numbers).map((back, at) => back - (numbers[at] ?? 0));

    for (let from = 0; from < numbers.length; from += 16) {
      const largest = largestIn(numbers, from, 16);
      const largestOfBlock = largestIn(numbers, from & ~255, 256);
      const bound = largest / 32 + largestOfBlock / 256 + largest / 100;
      expect(largestIn(errors, from, 16)).toBeLessThanOrEqual(bound);
    }
  });

  it.each([
    { name: "zeros", count: 272, value: 0 },
    { name: "a group too small to have a scale", count: 16, value: 1e-4 },
  ])("makes zeros of $name, beside others", ({ count, value }) => {
    const numbers = numbersOf(512, (at) => (at < count ? value : Math.sin(at)));

    const { weights, groupScales } = unpackQ6k(quantizeQ6k(float16(numbers)));

    expect(groupScales[0]).toBe(0);
    expect(weights.subarray(0, count).some(Boolean)).toBe(false);
    expect(roundTrip(numbers).subarray(0, count).some(Boolean)).toBe(false);
    expect(roundTrip(numbers).subarray(count).some(Boolean)).toBe(true);
  });
});

function numbersOf(length: number, make: (at: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, at) => roundToFloat16(make(at)));
}

function roundTrip(numbers: Float32Array): Float32Array {
  return dequantizeQ6k(unpackQ6k(quantizeQ6k(float16(numbers))), 0, numbers.length);
}

function float16(numbers: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(2 * numbers.length);
  numbers.forEach((number, at) => {
    bytes.writeUInt16LE(float32ToFloat16(number), 2 * at);
  });
  return bytes;
}

function largestIn(numbers: Float32Array, from: number, count: number): number {
  return Math.max(...numbers.subarray(from, from + count).map(Math.abs));
}
