import {
  BitLinear,
  BitLinearInput,
  quantizeActivations,
} from "../../../../model/reference/bit-linear.ts";

const shape = { rows: 8, columns: 256 };
const weights = Int8Array.from(
  { length: shape.rows * shape.columns },
  (_, index) => ((index * 7 + (index >> 4)) % 3) - 1,
);
const vector = Float32Array.from({ length: shape.columns }, (_, index) => Math.sin(index) * 3);

it.each([
  ["makes the largest magnitude 127", [0.5, -2, 1], [32, -127, 64], 63.5],
  ["rounds halves to even", [127, 0.5, 1.5, 2.5, -0.5, -1.5], [127, 0, 2, 2, 0, -2], 1],
  ["leaves a vector of nearly nothing near zero", [1e-7, 0], [1, 0], 12700000],
])("quantizeActivations %s", (_, activations, values, scale) => {
  expect(quantizeActivations(Float32Array.from(activations))).toEqual({
    values: Int8Array.from(values),
    scale,
  });
});

describe("BitLinear", () => {
  it.each([128, 64])("multiplies as plain integers do, in blocks of %d", (block) => {
    const layer = new BitLinear(packed(block), shape, block);
    const input = new BitLinearInput(shape.columns, block);
    layer.apply(input.load(new Float32Array(shape.columns).fill(9))); // leaves no trace

    expect(layer.apply(input.load(vector))).toEqual(plainProduct());
  });

  it.each([
    ["rows that are no whole blocks", { rows: 4, columns: 64 }],
    ["rows that are no multiple of four", { rows: 2, columns: 128 }],
  ])("refuses %s", (_, wrong) => {
    expect(() => new BitLinear(new Uint8Array(200), wrong, 128)).toThrow(RangeError);
  });
});

const weightScale = 0.25;

/** The weights as the file has them: in byte i of a block the weights i, i + block / 4, … */
function packed(block: number): Uint8Array {
  const bytes = new Uint8Array(weights.length / 4 + 32);
  for (const [position, weight] of weights.entries()) {
    const [inBlock, group] = [position % block, block / 4];
    const at = (position - inBlock) / 4 + (inBlock % group);
    bytes[at] = (bytes[at] ?? 0) | ((weight + 1) << (6 - 2 * Math.floor(inBlock / group)));
  }
  new DataView(bytes.buffer).setFloat32(weights.length / 4, weightScale, true);
  return bytes;
}

function plainProduct(): Float32Array {
  const { values, scale } = quantizeActivations(vector);
  return Float32Array.from({ length: shape.rows }, (_, row) => {
    const products = values.reduce(
      (sum, value, column) => sum + value * (weights[row * shape.columns + column] ?? 0),
      0,
    );
    return Math.fround(products / scale) * weightScale;
  });
}
