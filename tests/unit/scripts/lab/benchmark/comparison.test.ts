import { compare } from "../../../../../scripts/lab/benchmark/comparison.ts";

/** A machine that gets three times slower and slower; `b` always takes half as long again as `a`. */
const trials = [1, 3, 9].flatMap((slowness, at) => [
  { alternative: "a", round: at + 1, figures: { total_ms: 10 * slowness } },
  { alternative: "b", round: at + 1, figures: { total_ms: 15 * slowness, peak_mib: 5 } },
]);

describe("compare", () => {
  it("takes ratios and differences round by round", () => {
    const [a, b] = compare(trials, "total_ms", ["a", "b"]);

    expect(a).toMatchObject({ alternative: "a", ratio: undefined, difference: undefined });
    expect(a?.spread.median).toBe(30);
    expect(b?.ratio).toEqual({ count: 3, median: 1.5, low: 1.5, high: 1.5 });
    expect(b?.difference?.median).toBe(15);
  });

  it("compares with the first name, whatever came first", () => {
    const [, a] = compare(trials, "total_ms", ["b", "a"]);

    expect(a?.ratio?.median).toBeCloseTo(2 / 3);
  });

  it("leaves out trials without the figure", () => {
    const [b] = compare(trials, "peak_mib", ["b"]);

    expect(b?.spread).toMatchObject({ count: 3, median: 5 });
    expect(() => compare(trials, "peak_mib", ["a"])).toThrow("no measurements");
  });
});
