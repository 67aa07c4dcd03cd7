import { float32ToFloat16, roundToFloat16 } from "../../../../model/formats/float16.ts";
import { dequantizeQ6k, unpackQ6k } from "../../../../model/formats/q6k.ts";
import { quantizeQ6k } from "../../../../model/formats/q6k-quantizer.ts";

describe("quantizeQ6k", () => {
  // Half a step of the group is what rounding costs; a whole one where a number lies beyond the
  // range; the group's scale is itself rounded to a step of the block's.
  it.each([
    { name: "even numbers", numbers: numbersOf(512, (at) => Math.sin(at * 1.7)) },
    { name: "groups of very different size", numbers: numbersOf(512, (at) => 1.5 ** -(at >> 4)) },
    { name: "one sign only", numbers: numbersOf(256, (at) => 1 + (at % 7) / 7) },
    { name: "the size of an embedding", numbers: numbersOf(512, (at) => Math.cos(at * at) / 50) },
  ])("keeps $name within a step of their group", ({ numbers }) => {
    const errors = roundTrip(numbers).map((back, at) => back - (numbers[at] ?? 0));

    for (let from = 0; from < numbers.length; from += 16) {
      const largest = largestIn(numbers, from, 16);
      const largestOfBlock = largestIn(numbers, from & ~255, 256);
      const bound = largest / 32 + largestOfBlock / 256 + largest / 100;
      expect(largestIn(errors, from, 16)).toBeLessThanOrEqual(bound);
    }
  });

  it("costs a few parts in a thousand of numbers that are alike", () => {
    const numbers = numbersOf(4096, (at) => Math.sin(at * 12.9898) * 0.02);

    const back = roundTrip(numbers);

    const squares = (of: Float32Array) => of.reduce((sum, value) => sum + value * value, 0);
    const errors = numbers.map((number, at) => (back[at] ?? 0) - number);
    expect(Math.sqrt(squares(errors) / squares(numbers))).toBeLessThan(0.02);
  });

  it("keeps what a block can hold exactly", () => {
    const numbers = numbersOf(256, (at) => ((at % 64) - 32) / 32);
    numbers.fill(-1, 240);

    const steps = unpackQ6k(quantizeQ6k(float16(numbers))).weights;

    expect(steps[0]).toBe(-32);
    expect([...roundTrip(numbers)].slice(240)).toEqual(new Array(16).fill(-1));
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

  it("refuses half a block", () => {
    expect(() => quantizeQ6k(new Uint8Array(256))).toThrow(RangeError);
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
