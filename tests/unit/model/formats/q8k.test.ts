import { quantizeQ8k } from "../../../../model/formats/q8k.ts";

/** The first numbers of a block. */
const block = (...numbers: number[]) => [...numbers, ...Array(256 - numbers.length).fill(0)];

describe("quantizeQ8k", () => {
  it.each([
    { name: "whatever the sign", numbers: [1, -2, 0.5], values: [64, -127, 32], scale: 2 },
    { name: "of any size", numbers: [1, 4, 0.5], values: [-32, -127, -16], scale: -4 },
    { name: "the first of several", numbers: [3, -3], values: [-127, 127], scale: -3 },
    {
      name: "halves rounded to even",
      numbers: [-127, 0.5, 1.5, 2.5, -0.5, -1.5],
      values: [-127, 0, 2, 2, 0, -2],
      scale: 127,
    },
    { name: "a block of zeros left alone", numbers: [], values: [], scale: 0 },
  ])("makes the largest magnitude of every block -127: $name", ({ numbers, values, scale }) => {
    const vector = Float32Array.from([...block(1), ...block(...numbers)]);

    const quantized = quantizeQ8k(vector);

    expect(Array.from(quantized.values)).toEqual([...block(-127), ...block(...values)]);
    expect([...quantized.scales]).toEqual([Math.fround(-1 / 127), Math.fround(scale / 127)]);
  });
});
