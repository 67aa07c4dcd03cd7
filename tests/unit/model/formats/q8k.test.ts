import { quantizeQ8k } from "../../../../model/formats/q8k.ts";

describe("quantizeQ8k", () => {
  it("makes the largest magnitude of every block -127, whatever its sign", () => {
    const vector = new Float32Array(512);
    vector.set([1, -2, 0.5], 0);
    vector.set([1, 4, 0.5], 256);

    const { values, scales } = quantizeQ8k(vector);

    expect([...values.subarray(0, 3)]).toEqual([64, -127, 32]);
    expect([...values.subarray(256, 259)]).toEqual([-32, -127, -16]);
    expect([...scales]).toEqual([Math.fround(2 / 127), Math.fround(-4 / 127)]);
  });

  it("goes by the first of several largest magnitudes", () => {
    const vector = new Float32Array(256);
    vector.set([3, -3]);

    const { values } = quantizeQ8k(vector);

    expect([...values.subarray(0, 2)]).toEqual([-127, 127]);
  });

  it("rounds halves to even", () => {
    const vector = new Float32Array(256);
    vector.set([-127, 0.5, 1.5, 2.5, -0.5, -1.5]);

    expect([...quantizeQ8k(vector).values.subarray(0, 6)]).toEqual([-127, 0, 2, 2, 0, -2]);
  });

  it("leaves a block of zeros alone, and rounds the next", () => {
    const vector = new Float32Array(512);
    vector[300] = 1;

    const { values, scales } = quantizeQ8k(vector);

    expect(values.findIndex((value) => value !== 0)).toBe(300);
    expect(scales[0]).toBe(0);
  });
});
