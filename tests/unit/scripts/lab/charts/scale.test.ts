import { numberText } from "../../../../../scripts/lab/charts/number-text.ts";
import { scaleOf } from "../../../../../scripts/lab/charts/scale.ts";

const ticksOf = (kind: "linear" | "log", ...values: number[]) =>
  scaleOf({ kind, values, pixels: [0, 100] }).ticks;

describe("scaleOf", () => {
  it.each([
    [
      [0, 100],
      [0, 20, 40, 60, 80, 100],
    ],
    [
      [0, 0.3],
      [0, 0.1, 0.2, 0.3],
    ],
    [
      [0, 37.5],
      [0, 10, 20, 30, 40],
    ],
    [
      [-3, 9],
      [-5, -2.5, 0, 2.5, 5, 7.5, 10],
    ],
    [
      [0, 0],
      [-1, -0.5, 0, 0.5, 1],
    ],
  ])("marks %j at round numbers", (values, ticks) => {
    expect(ticksOf("linear", ...values)).toEqual(ticks);
  });

  it.each([
    [
      [1, 10],
      [1, 2, 5, 10],
    ],
    [
      [3, 40],
      [2, 5, 10, 20, 50],
    ],
    [
      [1000, 1e7],
      [1000, 10_000, 100_000, 1e6, 1e7],
    ],
    [
      [0.001, 1e12],
      [0.001, 0.1, 10, 1000, 100_000, 1e7, 1e9, 1e11],
    ],
  ])("marks %j by powers of ten, with 2 and 5 where there is room", (values, ticks) => {
    expect(ticksOf("log", ...values)).toEqual(ticks);
  });

  it.each([
    [5, 5],
    [0, -5e-324],
    [1e9, 1e9 + 1e-6],
  ])("makes room around %d and %d, which are one to any picture", (one, other) => {
    const scale = scaleOf({ kind: "linear", values: [one, other], pixels: [0, 100] });

    expect(scale.ticks.length).toBeGreaterThan(2);
    expect(Math.abs(scale.place(one) - scale.place(other))).toBeLessThan(0.01);
    expect(Math.abs(scale.place(one) - 50)).toBeLessThan(20);
  });

  it("takes the ticks it is given and reaches no farther than them and the values", () => {
    const scale = scaleOf({ kind: "linear", values: [3, 10], pixels: [0, 100], ticks: [8, 5] });

    expect(scale.ticks).toEqual([5, 8]);
    expect([3, 10].map(scale.place)).toEqual([0, 100]);
  });
});

describe("numberText", () => {
  it.each([
    [0, undefined, "0"],
    [0.0001234567, undefined, "0.000123457"],
    [1e-7, undefined, "0.0000001"],
    [1234567, undefined, "1,234,570"],
    [10_000_000, undefined, "10,000,000"],
    [-1234.5, undefined, "-1,234.5"],
    [999.999, 1, "1,000.0"],
    [0.5, 2, "0.50"],
  ])("writes %d with %s decimals as %s", (value, digits, text) => {
    expect(numberText(value, digits)).toBe(text);
  });
});
