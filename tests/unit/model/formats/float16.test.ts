import {
  float16ToFloat32,
  float32ToFloat16,
  roundToFloat16,
} from "../../../../model/formats/float16.ts";

describe("half precision", () => {
  it("comes back from f32 for every one of its 65536 bit patterns", () => {
    const different: number[] = [];

    for (let bits = 0; bits < 65536; bits++) {
      const value = float16ToFloat32(bits);
      const isNan = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      const isKept = isNan ? Number.isNaN(value) : float32ToFloat16(value) === bits;
      if (!isKept) different.push(bits);
    }

    expect(different).toEqual([]);
  });

  it.each([
    { name: "one", bits: 0x3c00, value: 1 },
    { name: "minus two", bits: 0xc000, value: -2 },
    { name: "the largest", bits: 0x7bff, value: 65504 },
    { name: "the smallest normal", bits: 0x0400, value: 2 ** -14 },
    { name: "the largest subnormal", bits: 0x03ff, value: 1023 * 2 ** -24 },
    { name: "the smallest subnormal", bits: 0x0001, value: 2 ** -24 },
    { name: "a third", bits: 0x3555, value: 0.333251953125 },
    { name: "infinity", bits: 0x7c00, value: Number.POSITIVE_INFINITY },
    { name: "minus infinity", bits: 0xfc00, value: Number.NEGATIVE_INFINITY },
    { name: "zero", bits: 0x0000, value: 0 },
    { name: "minus zero", bits: 0x8000, value: -0 },
  ])("holds $name", ({ bits, value }) => {
    expect(float16ToFloat32(bits)).toBe(value);
    expect(float32ToFloat16(value)).toBe(bits);
  });

  it.each([
    { name: "down to the even of two neighbours", value: 1 + 2 ** -11, rounded: 1 },
    { name: "up to the even of two neighbours", value: 1 + 3 * 2 ** -11, rounded: 1 + 2 ** -9 },
    { name: "to the nearer neighbour", value: 1 + 1.01 * 2 ** -11, rounded: 1 + 2 ** -10 },
    { name: "the last value below infinity", value: 65519, rounded: 65504 },
    { name: "to infinity", value: 65520, rounded: Number.POSITIVE_INFINITY },
    { name: "half of the smallest to zero", value: 2 ** -25, rounded: 0 },
    { name: "above half of the smallest up", value: 1.01 * 2 ** -25, rounded: 2 ** -24 },
    { name: "subnormals to even", value: 2.5 * 2 ** -24, rounded: 2 * 2 ** -24 },
    {
      name: "the largest subnormal to the smallest normal",
      value: 1023.5 * 2 ** -24,
      rounded: 2 ** -14,
    },
    { name: "negative numbers alike", value: -1 - 3 * 2 ** -11, rounded: -1 - 2 ** -9 },
  ])("rounds $name", ({ value, rounded }) => {
    expect(roundToFloat16(value)).toBe(rounded);
  });
});
