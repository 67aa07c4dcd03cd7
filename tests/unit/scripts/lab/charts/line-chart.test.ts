import {
  type Line,
  type LineChart,
  lineChartSvg,
} from "../../../../../scripts/lab/charts/line-chart.ts";
import { palette } from "../../../../../scripts/lab/charts/palette.ts";
import { drawnLines, drawnTexts, drawnWhiskers } from "./svg-shapes.ts";

const chart = (lines: readonly Line[], others: Partial<LineChart> = {}) =>
  lineChartSvg({
    title: "a title",
    description: "in words",
    x: { label: "threads" },
    y: { label: "tokens/s" },
    lines,
    ...others,
  });
const line = (label: string, ...points: [number, number][]): Line => ({
  label,
  points: points.map(([x, median]) => ({ x, median })),
});
const placeOf = (svg: string, text: string) => drawnTexts(svg).find((one) => one.text === text);

describe("lineChartSvg", () => {
  it("names each line at its end, in its colour, apart from the others", () => {
    const svg = chart([
      { ...line("first", [1, 1], [2, 10]), meaning: "x86_64" },
      { ...line("second", [1, 2], [2, 10]), meaning: "arm64" },
      line("third", [1, 3], [2, 10.1]),
    ]);
    const names = ["first", "second", "third"].map((text) => placeOf(svg, text));
    const heights = names.map((name) => name?.y ?? 0).toSorted((a, b) => a - b);
    const gaps = heights.slice(1).map((y, index) => y - (heights[index] ?? 0));

    expect(names.map((name) => name?.colour)).toEqual(
      (["x86_64", "arm64", "other"] as const).map((meaning) => palette[meaning].light),
    );
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(11);
  });

  it("draws whiskers at the ends of the spread, and writes the names of both axes", () => {
    const points = [{ x: 1, median: 10, low: 5, high: 20 }];
    const svg = chart([{ label: "a", points }], { note: "a note" });
    const [whisker] = drawnWhiskers(svg);
    const [zero = 0, twenty = 0] = ["0", "20"].map((text) => placeOf(svg, text)?.y ?? 0);

    expect(whisker?.y2).toBeCloseTo(twenty, 0);
    expect((whisker?.y1 ?? 0) - zero).toBeCloseTo((twenty - zero) / 4, 0);
    expect(placeOf(svg, "threads")).toBeDefined();
    expect(svg).toContain(
      "tokens/s; median, with whiskers from the 10th to the 90th percentile; a note",
    );
  });

  it("draws a limit as a broken line", () => {
    const limit = { ...line("limit", [1, 20], [2, 20]), meaning: "limit", isDashed: true } as const;
    const svg = chart([line("a", [1, 1], [2, 2]), limit]);
    const [drawn] = drawnLines(svg, palette.limit.light);

    expect(drawn?.y1).toBe(drawn?.y2);
    expect(svg).toContain(
      `stroke="${palette.limit.light}" stroke-width="2" stroke-dasharray="6,4"`,
    );
  });

  it("labels the ticks that it is given, and begins where it is told", () => {
    const ticks = [2000, 4000];
    const svg = chart([line("a", [1000, 1], [4000, 2])], { x: { label: "x", ticks, from: 1000 } });
    const [two, four] = ["2,000", "4,000"].map((text) => placeOf(svg, text)?.x ?? 0);
    const left = drawnLines(svg, palette.other.light)[0]?.x1 ?? 0;

    expect(((four ?? 0) - left) / ((two ?? 0) - left)).toBeCloseTo(3, 1);
  });

  it("puts the same ratio at the same distance on a logarithmic axis", () => {
    const y = { label: "y", scale: "log", ticks: [2, 20, 200] } as const;
    const svg = chart([line("a", [1, 2], [2, 200])], { x: { label: "x", ticks: [1, 3] }, y });
    const [low, middle, high] = ["2", "20", "200"].map((text) => {
      return drawnTexts(svg).findLast((drawn) => drawn.text === text)?.y ?? 0;
    });

    expect((low ?? 0) - (middle ?? 0)).toBeCloseTo((middle ?? 0) - (high ?? 0), 0);
  });

  it.each([
    ["no lines", [], {}, "at least one line"],
    ["a line without points", [line("empty")], {}, 'the line "empty" has no points'],
    [
      "0 on a logarithmic axis",
      [line("a", [0, 1])],
      { x: { label: "x", scale: "log" as const } },
      '"a" has a point that no log axis can show',
    ],
    ["what is no number", [line("a", [1, Number.NaN])], {}, "a median of NaN"],
  ])("refuses %s", (_name, lines, others, message) => {
    expect(() => chart(lines, others)).toThrow(message);
  });
});
