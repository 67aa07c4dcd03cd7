import { i2sTailBytes, packI2s, unpackI2s } from "../../../../model/formats/i2s.ts";

const weights = ternary(512);

describe("unpackI2s", () => {
  it("gives back what packI2s put, the scale behind the weights in a tail of 32 bytes", () => {
    const bytes = packI2s({ weights, scale: 0.125 });

    expect(unpackI2s(bytes, 512)).toEqual({ weights, scale: 0.125 });
    expect(bytes).toHaveLength(128 + 32);
    expect(new DataView(bytes.buffer).getFloat32(128, true)).toBe(0.125);
    expect([...bytes.subarray(132)]).toEqual(new Array(28).fill(0));
  });

  it("finds the weights i, i + 32, i + 64 and i + 96 of a block in byte i", () => {
    const bytes = new Uint8Array(32 + i2sTailBytes).fill(0b01_01_01_01); // all zero
    bytes[3] = 0b00_01_10_01; // -1, 0, +1, 0

    const unpacked = [...unpackI2s(bytes, 128).weights];

    expect(unpacked.flatMap((weight, index) => (weight ? [[index, weight]] : []))).toEqual([
      [3, -1],
      [67, 1],
    ]);
  });

  it.each([
    { name: "too few bytes", bytes: 35, count: 128, block: 128 },
    { name: "weights that fill no blocks", bytes: 200, count: 192, block: 128 },
    { name: "an impossible block", bytes: 200, count: 128, block: 6 },
  ])("refuses $name", ({ bytes, count, block }) => {
    expect(() => unpackI2s(new Uint8Array(bytes), count, block)).toThrow(RangeError);
  });
});

/** A pattern of -1, 0 and +1 without a short period. */
function ternary(length: number): Int8Array {
  return Int8Array.from({ length }, (_, index) => ((index * index + (index >> 3)) % 3) - 1);
}
