import {
  dequantizeQ6k,
  emptySixBitWeights,
  packQ6k,
  q6kBlockBytes,
  type SixBitWeights,
  unpackQ6k,
} from "../../../../model/formats/q6k.ts";

describe("unpackQ6k", () => {
  it("gives back what packQ6k took", () => {
    const table = patterned(3);

    expect(unpackQ6k(packQ6k(table))).toEqual(table);
  });

  // The byte with the low bits, the byte with the high bits, and where in them.
  it.each([
    { weight: 0, low: 0, lowShift: 0, high: 128, highShift: 0 },
    { weight: 31, low: 31, lowShift: 0, high: 159, highShift: 0 },
    { weight: 32, low: 32, lowShift: 0, high: 128, highShift: 2 },
    { weight: 64, low: 0, lowShift: 4, high: 128, highShift: 4 },
    { weight: 96, low: 32, lowShift: 4, high: 128, highShift: 6 },
    { weight: 128, low: 64, lowShift: 0, high: 160, highShift: 0 },
    { weight: 255, low: 127, lowShift: 4, high: 191, highShift: 6 },
  ])("finds weight $weight of a block where llama.cpp has it", (place) => {
    const bytes = zeroBlock();
    const code = -3 + 32; // 0b01_1101
    bytes[place.low] = (code & 15) << place.lowShift;
    bytes[place.high] =
      ((bytes[place.high] ?? 0) & ~(3 << place.highShift)) | ((code >> 4) << place.highShift);

    const { weights } = unpackQ6k(bytes);

    expect([...weights].flatMap((weight, at) => (weight === 0 ? [] : [[at, weight]]))).toEqual([
      [place.weight, -3],
    ]);
  });

  it("finds the scales behind the weights, the block's last", () => {
    const bytes = zeroBlock();
    bytes[192] = 5;
    bytes[207] = 0x80;
    bytes.set([0x00, 0x38], 208); // 0.5

    const { groupScales, blockScales } = unpackQ6k(bytes);

    expect([...groupScales]).toEqual([5, ...new Array(14).fill(0), -128]);
    expect([...blockScales]).toEqual([0.5]);
  });

  it("refuses half a block", () => {
    expect(() => unpackQ6k(new Uint8Array(105))).toThrow(RangeError);
    expect(() => emptySixBitWeights(128)).toThrow(RangeError);
  });
});

describe("dequantizeQ6k", () => {
  it("multiplies a weight by its group's and its block's scale", () => {
    const table = patterned(2);

    const numbers = dequantizeQ6k(table, 256, 512);

    expect(numbers).toHaveLength(256);
    for (const at of [256, 271, 272, 511]) {
      const scale = (table.blockScales[1] ?? 0) * (table.groupScales[at >> 4] ?? 0);
      expect(numbers[at - 256]).toBe(Math.fround(Math.fround(scale) * (table.weights[at] ?? 0)));
    }
  });
});

/** A block whose weights are all zero: code 32. */
function zeroBlock(): Uint8Array {
  const bytes = new Uint8Array(q6kBlockBytes);
  bytes.fill(0b10_10_10_10, 128, 192);
  return bytes;
}

/** Every weight and many scales, in blocks. */
function patterned(blocks: number): SixBitWeights {
  const table = emptySixBitWeights(256 * blocks);
  table.weights.forEach((_, at) => {
    table.weights[at] = ((at * 37 + (at >> 5)) % 64) - 32;
  });
  table.groupScales.forEach((_, at) => {
    table.groupScales[at] = ((at * 83) % 256) - 128;
  });
  table.blockScales.forEach((_, at) => {
    table.blockScales[at] = (at - 1.5) / 256;
  });
  return table;
}
