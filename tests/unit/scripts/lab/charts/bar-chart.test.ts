import { type BarChart, barChartSvg } from "../../../../../scripts/lab/charts/bar-chart.ts";
import { drawnBars, drawnTexts, drawnWhiskers } from "./svg-shapes.ts";

const chart = (bars: BarChart["bars"]) =>
  barChartSvg({ title: "a title", description: "in words", unit: "ms", bars });
const bar = (label: string, median: number) => ({ label, median });
const textsOf = (svg: string) => drawnTexts(svg).map(({ text }) => text);
const placeOf = (svg: string, text: string) => drawnTexts(svg).find((one) => one.text === text);

describe("barChartSvg", () => {
  it("draws a bar of twice the value twice as long, from the same line", () => {
    const [one, two] = drawnBars(chart([bar("a", 10), bar("b", 20)]), "other");

    expect(two?.length).toBeCloseTo(2 * (one?.length ?? 0), 0);
    expect(two?.left).toBe(one?.left);
    expect(two?.top).toBeGreaterThan(one?.top ?? 0);
  });

  it("draws whiskers at the ends of the spread, and the number behind them", () => {
    const svg = chart([{ label: "a", median: 10, low: 5, high: 20 }]);
    const [drawn] = drawnBars(svg, "other");
    const [whisker] = drawnWhiskers(svg);
    const length = drawn?.length ?? 0;

    expect(whisker?.x1).toBeCloseTo((drawn?.left ?? 0) + length / 2, 0);
    expect(whisker?.x2).toBeCloseTo((drawn?.left ?? 0) + 2 * length, 0);
    expect(placeOf(svg, "10.0")?.x).toBeGreaterThan(whisker?.x2 ?? 0);
    expect(textsOf(svg)).toContain(
      "ms; median, with whiskers from the 10th to the 90th percentile",
    );
  });

  it("draws a negative value to the left of zero, and no whiskers for what has no spread", () => {
    const svg = chart([bar("a", -5), bar("b", 10)]);
    const [negative, positive] = drawnBars(svg, "other");

    expect(negative?.left).toBe(positive?.left);
    expect(negative?.length).toBeCloseTo(-(positive?.length ?? 0) / 2, 0);
    expect(drawnWhiskers(svg)).toHaveLength(0);
    expect(svg).not.toContain("whiskers");
  });

  it("writes a heading above the bars of a group, and colours bars by their meaning", () => {
    const svg = chart([
      { ...bar("one", 1), group: "cold", meaning: "llama-cli" },
      { ...bar("two", 2), group: "cold", meaning: "llama-server" },
      { ...bar("three", 3), group: "warm", meaning: "llama-cli" },
    ]);
    const heights = ["cold", "one", "two", "warm", "three"].map((text) => placeOf(svg, text)?.y);

    expect(heights).toEqual(heights.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(textsOf(svg).filter((text) => text === "cold")).toHaveLength(1);
    expect(drawnBars(svg, "llama-cli")).toHaveLength(2);
    expect(drawnBars(svg, "llama-server")).toHaveLength(1);
  });

  it.each([
    ["no bars", [], "at least one bar"],
    ["a median outside its spread", [{ label: "a", median: 3, low: 4 }], "cannot lie outside"],
    ["what is no number", [bar("a", Number.NaN)], "a median of NaN"],
    ["what has no end", [bar("a", Number.POSITIVE_INFINITY)], "a median of Infinity"],
  ])("refuses %s", (_name, bars, message) => {
    expect(() => chart(bars)).toThrow(message);
  });
});
