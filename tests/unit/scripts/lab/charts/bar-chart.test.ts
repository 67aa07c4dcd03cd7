import fc from "fast-check";
import { type BarChart, barChart } from "../../../../../scripts/lab/charts/bar-chart.ts";
import { sharedArea } from "../../../../../scripts/lab/charts/label-places.ts";
import {
  drawnElements,
  drawnWithClass,
  isWithin,
  pictureBox,
} from "../../../../helpers/svg-boxes.ts";

const chart = (bars: BarChart["bars"], others: Partial<BarChart> = {}) =>
  barChart({ title: "a title", description: "in words", unit: "ms", bars, ...others });
const bar = (label: string, median: number) => ({ label, median });

describe("barChart", () => {
  it("draws a bar of twice the value twice as long, from the same line", () => {
    const [one, two] = drawnWithClass(chart([bar("a", 10), bar("b", 20)]), "bar");

    expect(two?.box.width).toBeCloseTo(2 * (one?.box.width ?? 0), 1);
    expect(two?.box.left).toBe(one?.box.left);
    expect(two?.box.top).toBeGreaterThan(one?.box.top ?? 0);
  });

  it("keeps bars right of their labels, and numbers behind the whiskers", () => {
    const svg = chart([{ label: "a label", median: 100, low: 95, high: 180 }, bar("b", 90)]);
    const [label] = drawnWithClass(svg, "label");
    const [first] = drawnWithClass(svg, "bar");
    const [whisker] = drawnWithClass(svg, "whisker");
    const [value] = drawnWithClass(svg, "value");

    expect(first?.box.left).toBeGreaterThan((label?.box.left ?? 0) + (label?.box.width ?? 0));
    expect(value?.box.left).toBeGreaterThan((whisker?.box.left ?? 0) + (whisker?.box.width ?? 0));
  });

  it("draws whiskers at the spread's ends, in proportion to the bar", () => {
    const svg = chart([{ label: "a", median: 10, low: 5, high: 20 }]);
    const [drawn] = drawnWithClass(svg, "bar");
    const [whisker] = drawnWithClass(svg, "whisker");
    const length = drawn?.box.width ?? 0;

    expect(whisker?.box.left).toBeCloseTo((drawn?.box.left ?? 0) + length / 2, 1);
    expect(whisker?.box.width).toBeCloseTo(1.5 * length, 1);
  });

  it("draws no whisker and tells of none where nothing was measured twice", () => {
    const svg = chart([bar("a", 10), { label: "b", median: 1, low: 1, high: 1 }]);

    expect(drawnWithClass(svg, "whisker")).toHaveLength(0);
    expect(chart([bar("a", 10)])).not.toContain("whiskers");
    expect(chart([{ label: "a", median: 10, high: 11 }])).toContain("10th to the 90th percentile");
  });

  it("draws a negative value to the left of the zero line", () => {
    const svg = chart([bar("a", -5), bar("b", 10)]);
    const [negative, positive] = drawnWithClass(svg, "bar");
    const [zero] = drawnWithClass(svg, "axis");

    expect((negative?.box.left ?? 0) + (negative?.box.width ?? 0)).toBeCloseTo(
      zero?.box.left ?? 0,
      1,
    );
    expect(positive?.box.left).toBe(zero?.box.left);
    expect(negative?.box.width).toBeCloseTo((positive?.box.width ?? 0) / 2, 1);
  });

  it.each([
    [undefined, "1,234.5"],
    [0, "1,235"],
    [2, "1,234.50"],
  ])("writes values with %s decimals", (digits, text) => {
    const svg = chart([bar("a", 1234.5)], digits === undefined ? {} : { digits });

    expect(drawnWithClass(svg, "value").map((value) => value.text)).toEqual([text]);
  });

  it("gives each group a colour and a name in the legend", () => {
    const bars = [
      { ...bar("a", 1), group: "cold" },
      { ...bar("b", 2), group: "warm" },
      { ...bar("c", 3), group: "cold" },
    ];
    const svg = chart(bars);

    expect(drawnWithClass(svg, "bar").map(({ classes }) => classes[1])).toEqual([
      "fill-0",
      "fill-1",
      "fill-0",
    ]);
    expect(drawnWithClass(svg, "legend").map(({ text }) => text)).toEqual(["cold", "warm"]);
  });

  it("goes on in the next line with a legend that is too long for one", () => {
    const names = ["one", "two", "three"].map((name) => `${name} ${"of many words ".repeat(3)}`);
    const svg = chart(names.map((group) => ({ ...bar("a", 1), group })));
    const entries = drawnWithClass(svg, "legend");
    const [first] = drawnWithClass(svg, "bar");

    expect(new Set(entries.map(({ box }) => box.top)).size).toBe(2);
    expect(entries.every(({ box }) => box.top + box.height < (first?.box.top ?? 0))).toBe(true);
  });

  it("has no legend for a single group", () => {
    expect(drawnWithClass(chart([{ ...bar("a", 1), group: "cold" }]), "legend")).toHaveLength(0);
  });

  it("draws a reference at its value, named above the rows", () => {
    const svg = chart([bar("a", 10)], { reference: { value: 20, label: "the limit" } });
    const [drawn] = drawnWithClass(svg, "bar");
    const [line] = drawnWithClass(svg, "reference");
    const label = drawnElements(svg).find(({ text }) => text === "the limit");

    expect(line?.box.left).toBeCloseTo((drawn?.box.left ?? 0) + 2 * (drawn?.box.width ?? 0), 1);
    expect((label?.box.top ?? 0) + (label?.box.height ?? 0)).toBeLessThan(line?.box.top ?? 0);
  });

  it("says what it shows in words, and the note", () => {
    const svg = chart([bar("a", 1)], { note: "one run" });

    expect(svg).toContain('role="img"');
    expect(svg).toContain("<title>a title</title>\n<desc>in words</desc>");
    expect(svg).toContain(">ms; one run</text>");
  });

  it("escapes what would be markup", () => {
    const svg = chart([bar('<b> & "c"', 1)], { title: "a < b", description: "x & y" });

    expect(svg).toContain("&lt;b&gt; &amp; &quot;c&quot;");
    expect(svg).toContain("<title>a &lt; b</title>\n<desc>x &amp; y</desc>");
  });

  it("refers to nothing outside, runs nothing, and knows the dark", () => {
    const svg = chart([bar("a", 1)]);

    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /http|href|url\(|@import|script| on\w+=/,
    );
    expect(svg).toContain("@media (prefers-color-scheme:dark){");
  });

  it("keeps everything in the picture and no row on another, whatever is drawn", () => {
    // Times, rates, sizes and prices: none below 0, and none but 0 below a hundredth of its unit.
    const value = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1e9, noNaN: true }));
    const label = fc.oneof(fc.string({ maxLength: 80 }), fc.lorem({ maxCount: 20 }));
    const bars = fc.array(
      fc.record({ label, values: fc.tuple(value, value, value), group: fc.nat(5) }),
      { minLength: 1, maxLength: 12 },
    );
    const property = fc.property(bars, label, value, (rows, title, limit) => {
      const svg = chart(
        rows.map((row) => {
          const [low = 0, median = 0, high = 0] = row.values.toSorted((a, b) => a - b);
          return { label: row.label, group: `group ${row.group}`, low, median, high };
        }),
        { title, reference: { value: limit, label: "the limit of all that can be" } },
      );
      const all = drawnElements(svg);
      const rowTexts = all.filter(({ classes }) => /label|value/.test(classes[0] ?? ""));

      expect(all.filter(({ box }) => !isWithin(box, pictureBox(svg)))).toEqual([]);
      expect(
        rowTexts.some((one, i) =>
          rowTexts.some((two, k) => k > i && sharedArea(one.box, two.box) > 1),
        ),
      ).toBe(false);
    });

    fc.assert(property, { numRuns: 60 });
  });

  it.each([
    ["no bars", [], {}, "at least one bar"],
    ["a value that is none", [bar("a", Number.NaN)], {}, "NaN"],
    ["an endless value", [bar("a", Number.POSITIVE_INFINITY)], {}, "no place for Infinity"],
    [
      "a median outside its spread",
      [{ label: "a", median: 1, low: 2, high: 3 }],
      {},
      "a median of 1 cannot lie outside 2 to 3",
    ],
    [
      "more groups than colours",
      Array.from({ length: 7 }, (_, group) => ({ ...bar("a", 1), group: `${group}` })),
      {},
      "7 groups are too many: there are 6 colours",
    ],
  ])("refuses %s", (_name, bars, others, message) => {
    expect(() => chart(bars, others)).toThrow(message);
  });
});
