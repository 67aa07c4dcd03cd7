import { packI2s } from "../../../../model/formats/i2s.ts";
import {
  BitLinear,
  BitLinearInput,
  quantizeActivations,
} from "../../../../model/reference/bit-linear.ts";

const rows = 8;
const columns = 256;
const weights = Int8Array.from(
  { length: rows * columns },
  (_, index) => ((index * 7 + (index >> 4)) % 3) - 1,
);
const vector = Float32Array.from({ length: columns }, (_, index) => Math.sin(index) * 3);

describe("quantizeActivations", () => {
  it("makes the largest magnitude 127", () => {
    const { values, scale } = quantizeActivations(Float32Array.of(0.5, -2, 1));

    expect([...values]).toEqual([32, -127, 64]);
    expect(scale).toBe(63.5);
  });

  it("rounds halves to even", () => {
    const { values } = quantizeActivations(Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5));

    expect([...values]).toEqual([127, 0, 2, 2, 0, -2]);
  });

  it("leaves a vector of nearly nothing near zero", () => {
    const { values, scale } = quantizeActivations(Float32Array.of(1e-7, 0));

    expect([...values]).toEqual([1, 0]);
    expect(scale).toBe(12700000);
  });
});

describe("BitLinear", () => {
  it.each([128, 64])("multiplies as plain integers do, in blocks of %d", (block) => {
    const scale = 0.25;
    const layer = new BitLinear(packI2s({ weights, scale }, block), { rows, columns }, block);

    const output = layer.apply(new BitLinearInput(columns, block).load(vector));

    expect(output).toEqual(plainProduct(scale));
  });

  it("gives another product when the blocks are misread", () => {
    const layer = new BitLinear(packI2s({ weights, scale: 1 }), { rows, columns }, 64);

    const output = layer.apply(new BitLinearInput(columns, 64).load(vector));

    expect(output).not.toEqual(plainProduct(1));
  });

  it("forgets the vector before", () => {
    const layer = new BitLinear(packI2s({ weights, scale: 1 }), { rows, columns }, 128);
    const input = new BitLinearInput(columns, 128);

    layer.apply(input.load(new Float32Array(columns).fill(9)));

    expect(layer.apply(input.load(vector))).toEqual(plainProduct(1));
  });

  it.each([
    { name: "rows that are no whole blocks", shape: { rows: 4, columns: 64 } },
    { name: "rows that are no multiple of four", shape: { rows: 2, columns: 128 } },
  ])("refuses $name", ({ shape }) => {
    expect(() => new BitLinear(new Uint8Array(200), shape, 128)).toThrow(RangeError);
  });
});

function plainProduct(weightScale: number): Float32Array {
  const { values, scale } = quantizeActivations(vector);
  return Float32Array.from({ length: rows }, (_, row) => {
    const sum = values.reduce(
      (total, value, column) => total + value * (weights[row * columns + column] ?? 0),
      0,
    );
    return Math.fround(sum / scale) * weightScale;
  });
}
