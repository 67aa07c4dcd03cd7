import fc from "fast-check";
import { sharedArea } from "../../../../../scripts/lab/charts/label-places.ts";
import { type LineChart, lineChart } from "../../../../../scripts/lab/charts/line-chart.ts";
import {
  drawnElements,
  drawnWithClass,
  isWithin,
  pictureBox,
} from "../../../../helpers/svg-boxes.ts";

const line = (label: string, ...points: [x: number, median: number][]) => ({
  label,
  points: points.map(([x, median]) => ({ x, median })),
});
const chart = (lines: LineChart["lines"], others: Partial<LineChart> = {}) =>
  lineChart({
    title: "a title",
    description: "in words",
    x: { label: "threads" },
    y: { label: "tokens per second" },
    lines,
    ...others,
  });
const middles = (svg: string, name: string) =>
  drawnWithClass(svg, name).map(({ box }) => ({
    x: box.left + box.width / 2,
    y: box.top + box.height / 2,
  }));

describe("lineChart", () => {
  it("places points in proportion on linear axes, from 0 upwards", () => {
    const svg = chart([line("a", [1, 10], [2, 20], [5, 40])]);
    const [one, two, five] = middles(svg, "point");
    const bottom = drawnWithClass(svg, "axis")[0]?.box.top ?? 0;

    expect((five?.x ?? 0) - (two?.x ?? 0)).toBeCloseTo(3 * ((two?.x ?? 0) - (one?.x ?? 0)), 1);
    expect(bottom - (five?.y ?? 0)).toBeCloseTo(4 * (bottom - (one?.y ?? 0)), 1);
  });

  it("places equal ratios at equal distances on logarithmic axes", () => {
    const svg = chart([line("a", [1, 10], [10, 100], [100, 1000])], {
      x: { label: "x", scale: "log" },
      y: { label: "y", scale: "log" },
    });
    const [one, two, three] = middles(svg, "point");

    expect((three?.x ?? 0) - (two?.x ?? 0)).toBeCloseTo((two?.x ?? 0) - (one?.x ?? 0), 1);
    expect((three?.y ?? 0) - (two?.y ?? 0)).toBeCloseTo((two?.y ?? 0) - (one?.y ?? 0), 1);
  });

  it("goes through the points from left to right, whatever their order", () => {
    const path = (svg: string) => /class="line stroke-0" d="([^"]*)"/.exec(svg)?.[1];

    expect(path(chart([line("a", [3, 1], [1, 2], [2, 3])]))).toBe(
      path(chart([line("a", [1, 2], [2, 3], [3, 1])])),
    );
  });

  it("draws the spread around its point", () => {
    const svg = chart([{ label: "a", points: [{ x: 1, median: 10, low: 5, high: 20 }] }]);
    const [whisker] = drawnWithClass(svg, "whisker");
    const [point] = middles(svg, "point");
    const [above, below] = [
      (point?.y ?? 0) - (whisker?.box.top ?? 0),
      (whisker?.box.top ?? 0) + (whisker?.box.height ?? 0) - (point?.y ?? 0),
    ];

    expect(above).toBeCloseTo(2 * below, 1);
    expect(svg).toContain("tokens per second; median, with whiskers");
  });

  it("draws dots instead of a line, and no points, when told to", () => {
    const svg = chart([
      { ...line("a", [1, 1], [2, 2]), isDotted: true, isWithoutPoints: true },
      line("b", [1, 1], [2, 2]),
    ]);

    expect(drawnWithClass(svg, "dashed")[0]?.classes).toContain("stroke-0");
    expect(drawnWithClass(svg, "dashed")).toHaveLength(1);
    expect(drawnWithClass(svg, "point").every(({ classes }) => classes[1] === "fill-1")).toBe(true);
  });

  it("names lines at their ends, apart from each other", () => {
    const svg = chart([
      line("first", [1, 1], [2, 10]),
      line("second", [1, 2], [2, 10]),
      line("third", [1, 3], [2, 10.1]),
    ]);
    const names = drawnWithClass(svg, "end");

    expect(names.map(({ text }) => text)).toEqual(["first", "second", "third"]);
    expect(names.map(({ classes }) => classes[1])).toEqual(["fill-0", "fill-1", "fill-2"]);
    expect(
      names.some((one, i) => names.some((two, k) => k > i && sharedArea(one.box, two.box) > 0)),
    ).toBe(false);
  });

  it("leads from a name to the end of its line where that is elsewhere", () => {
    const svg = chart([line("long", [1, 1], [4, 2]), line("short", [1, 9], [2, 10])]);

    expect(drawnWithClass(svg, "leader").map(({ classes }) => classes[1])).toEqual(["stroke-1"]);
  });

  it("marks the ticks that it is given, written as it is told", () => {
    const svg = chart([line("a", [1, 1], [8, 2])], {
      x: { label: "x", ticks: [1, 2, 8], tickText: (value) => `${value} t` },
    });

    expect(drawnElements(svg).flatMap(({ text }) => (/ t$/.test(text) ? [text] : []))).toEqual([
      "1 t",
      "2 t",
      "8 t",
    ]);
  });

  it("leaves out the text of a tick that has no room", () => {
    const svg = chart([line("a", [1, 1], [10_000, 2])], {
      x: { label: "x", ticks: [1, 2, 10_000], tickText: (value) => `tick ${value}` },
    });

    expect(drawnElements(svg).flatMap(({ text }) => (/^tick/.test(text) ? [text] : []))).toEqual([
      "tick 1",
      "tick 10000",
    ]);
  });

  it("draws references from side to side and writes their names where no line is", () => {
    const svg = chart([line("a", [1, 10], [2, 19.9])], {
      references: [{ value: 20, label: "memory bandwidth limit" }],
    });
    const [reference] = drawnWithClass(svg, "reference");
    const [name] = drawnWithClass(svg, "note");
    const points = drawnWithClass(svg, "point");

    expect(reference?.box.top).toBeLessThan(middles(svg, "point")[1]?.y ?? 0);
    expect(reference?.box.width).toBeCloseTo(drawnWithClass(svg, "axis")[0]?.box.width ?? 0, 1);
    expect(name?.text).toBe("memory bandwidth limit");
    expect(points.every(({ box }) => sharedArea(box, name?.box ?? box) === 0)).toBe(true);
  });

  it("puts a ring around a mark, and its text beside it", () => {
    const svg = chart([line("a", [1, 10], [2, 20])], { marks: [{ x: 2, y: 20, label: "best" }] });
    const [ring] = drawnWithClass(svg, "mark");
    const [text] = drawnWithClass(svg, "note");

    expect(middles(svg, "mark")).toEqual([middles(svg, "point")[1]]);
    expect(text?.text).toBe("best");
    expect(sharedArea(ring?.box ?? pictureBox(svg), text?.box ?? pictureBox(svg))).toBe(0);
  });

  it("keeps everything in the picture, whatever is drawn", () => {
    const value = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    const kind = fc.constantFrom("linear" as const, "log" as const);
    const lines = fc.array(
      fc.record({
        label: fc.string({ maxLength: 30 }),
        points: fc.array(fc.record({ x: value, median: value }), { minLength: 1, maxLength: 8 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const property = fc.property(lines, kind, kind, value, value, (all, x, y, a, b) => {
      const svg = chart(all, {
        x: { label: "x", scale: x },
        y: { label: "y", scale: y },
        references: [{ value: a, label: "limit" }],
        marks: [{ x: a, y: b, label: "the best of all of them" }],
      });

      expect(drawnElements(svg).filter(({ box }) => !isWithin(box, pictureBox(svg)))).toEqual([]);
    });

    fc.assert(property, { numRuns: 60 });
  });

  it.each([
    ["no lines", [], {}, "at least one line"],
    ["a line without points", [line("empty")], {}, 'the line "empty" has no points'],
    [
      "0 on a logarithmic axis",
      [line("a", [0, 1])],
      { x: { label: "x", scale: "log" as const } },
      "a log axis has no place for 0",
    ],
    [
      "more lines than colours",
      Array.from({ length: 7 }, () => line("a", [1, 1])),
      {},
      "7 lines are too many",
    ],
  ])("refuses %s", (_name, lines, others, message) => {
    expect(() => chart(lines, others)).toThrow(message);
  });
});
