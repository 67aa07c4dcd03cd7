import { type BarChart, barChartSvg } from "../../../../../scripts/lab/charts/bar-chart.ts";
import {
  type Line,
  type LineChart,
  lineChartSvg,
} from "../../../../../scripts/lab/charts/line-chart.ts";
import { meaningOf, neutral, palette } from "../../../../../scripts/lab/charts/palette.ts";

const texts = {
  title: "x < y & z",
  description: "a <main> result",
  source: `measured ${"again and ".repeat(20)}again`,
};
const spread = { median: 10, low: 5, high: 20 };
const colours = [...Object.values(palette), ...Object.values(neutral)];

const barsOf = (...bars: BarChart["bars"]) => barChartSvg({ ...texts, unit: "ms", bars });

function linesOf(lines: readonly Line[], others: Partial<LineChart> = {}): string {
  const axes = { x: { label: "threads" }, y: { label: "tokens/s" } };
  return lineChartSvg({ ...texts, ...axes, lines, ...others });
}

function line(label: string, ...points: [number, number][]): Line {
  return { label, points: points.map(([x, median]) => ({ x, median })) };
}

/** The texts of a chart and their places in pixels, in the order of drawing. */
function drawnTexts(svg: string) {
  const pattern =
    /<text [^>]*?(?: y="(-?[\d.]+)")? transform="translate\(([\d.-]+) ([\d.-]+)\)" fill="([^"]+)"[^>]*>([^<]*)</g;
  return [...svg.matchAll(pattern)].map(([, dy = "0", x, y, colour = "", text = ""]) => {
    return { text, x: Number(x), y: Number(y) + Number(dy), colour };
  });
}

/** The first text that reads so; at no place without one. */
function textAt(svg: string, text: string) {
  const found = drawnTexts(svg).find((one) => one.text === text);
  return found ?? { x: Number.NaN, y: Number.NaN, colour: "none" };
}

/** The bars of one colour: where they begin, and their lengths, in pixels. */
function drawnBars(svg: string, colour: string) {
  const pattern = new RegExp(`d="M([\\d.]+) [\\d.]+l(-?[\\d.]+) 0[^"]*" fill="${colour}"`, "g");
  return [...svg.matchAll(pattern)].map((found) => found.slice(1).map(Number));
}

/** Straight lines of a colour, in pixels; whiskers have the colour of text. */
function drawnLines(svg: string, colour: string = neutral.text.light) {
  const pattern = new RegExp(
    `d="M([\\d.]+) ([\\d.]+)L([\\d.]+) ([\\d.]+)" fill="none" stroke="${colour}"`,
    "g",
  );
  return [...svg.matchAll(pattern)].map((found) => found.slice(1).map(Number));
}

describe.each([
  ["a bar chart", () => barsOf({ label: "a", ...spread })],
  ["a line chart", () => linesOf([{ label: "a", points: [{ x: 1, ...spread }] }])],
])("%s", (_name, draw) => {
  it("is one text for the same data, which refers to nothing outside itself", () => {
    const first = draw();
    barsOf({ label: "another", median: 1 });

    expect(draw()).toBe(first);
    expect(first).not.toMatch(/href|<script|url\((?!#)/);
    expect(first).toContain("<title>x &lt; y &amp; z</title>\n<desc>a &lt;main&gt; result</desc>");
  });

  it("breaks a long source into lines below the plot", () => {
    const svg = draw();
    const sourceLines = drawnTexts(svg).filter(({ text }) => text.includes("again and"));
    const height = Number(/ height="(\d+)"/.exec(svg)?.[1]);

    expect(sourceLines.length).toBeGreaterThan(1);
    expect(sourceLines.every(({ text, y }) => text.length <= 112 && y < height)).toBe(true);
  });

  it("draws in the palette's light colours, each with a dark one", () => {
    const svg = draw();
    const shown = svg.replaceAll(/<defs[\s\S]*?<\/defs>|<[^>]* fill-opacity="0"[^>]*>/g, "");
    const drawn = [...shown.matchAll(/ (?:fill|stroke)="(?!none)([^"]*)"/g)];
    const known = new Set<string | undefined>(colours.map(({ light }) => light));

    expect(drawn.filter(([, colour]) => !known.has(colour))).toEqual([]);
    for (const { light, dark } of colours) {
      expect(svg).toContain(`[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`);
    }
  });
});

describe("barChartSvg", () => {
  it("draws whiskers at the ends of the spread, and the number behind them", () => {
    const svg = barsOf({ label: "a", ...spread });
    const [[left = 0, length = 0] = []] = drawnBars(svg, palette.other.light);
    const [[x1 = 0, , x2 = 0] = []] = drawnLines(svg);

    expect([x1, x2]).toEqual([
      expect.closeTo(left + length / 2, 0),
      expect.closeTo(left + 2 * length, 0),
    ]);
    expect(textAt(svg, "10.0").x).toBeGreaterThan(x2);
    expect(svg).toContain("ms; median, with whiskers from the 10th to the 90th percentile");
  });

  it("draws a negative value to the left of zero, and no whiskers for what has no spread", () => {
    const svg = barsOf({ label: "a", median: -5 }, { label: "b", median: 10 });
    const [[zero, negative] = [], [sameZero, positive = 0] = []] = drawnBars(
      svg,
      palette.other.light,
    );

    expect(zero).toBe(sameZero);
    expect(negative).toBeCloseTo(-positive / 2, 0);
    expect(drawnLines(svg)).toHaveLength(0);
    expect(svg).not.toContain("whiskers");
  });

  it("writes a heading above the bars of a group, and colours bars by their meaning", () => {
    const svg = barsOf(
      { label: "one", median: 1, group: "cold", meaning: "llama-cli" },
      { label: "two", median: 2, group: "cold", meaning: "llama-server" },
      { label: "three", median: 3, group: "warm", meaning: "llama-cli" },
    );
    const heights = ["cold", "one", "two", "warm", "three"].map((text) => textAt(svg, text).y);

    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
    expect(drawnTexts(svg).filter(({ text }) => text === "cold")).toHaveLength(1);
    expect(drawnBars(svg, palette["llama-cli"].light)).toHaveLength(2);
    expect(drawnBars(svg, palette["llama-server"].light)).toHaveLength(1);
  });

  it.each([
    ["a median outside its spread", { label: "a", median: 3, low: 4 }, "cannot lie outside"],
    ["what is no number", { label: "a", median: Number.NaN }, "a median of NaN"],
    ["what has no end", { label: "a", median: Number.POSITIVE_INFINITY }, "a median of Infinity"],
  ])("refuses %s", (_name, bar, message) => {
    expect(() => barsOf(bar)).toThrow(message);
  });
});

describe("lineChartSvg", () => {
  it("names each line at its end, in its colour, apart from the others", () => {
    const svg = linesOf([
      { ...line("first", [1, 1], [2, 10]), meaning: "x86_64" },
      { ...line("second", [1, 2], [2, 10]), meaning: "arm64" },
      line("third", [1, 3], [2, 10.1]),
    ]);
    const names = ["first", "second", "third"].map((text) => textAt(svg, text));
    const [low = 0, middle = 0, high = 0] = names.map(({ y }) => y).toSorted((a, b) => a - b);

    expect(names.map(({ colour }) => colour)).toEqual([
      palette.x86_64.light,
      palette.arm64.light,
      palette.other.light,
    ]);
    expect(Math.min(middle - low, high - middle)).toBeGreaterThanOrEqual(11);
  });

  it("draws whiskers at the ends of the spread, and writes the names of both axes", () => {
    const svg = linesOf([{ label: "a", points: [{ x: 1, ...spread }] }], { note: "a note" });
    const [[, y1 = 0, , y2 = 0] = []] = drawnLines(svg);
    const [zero, twenty] = [textAt(svg, "0").y, textAt(svg, "20").y];

    expect(y2).toBeCloseTo(twenty, 0);
    expect(y1 - zero).toBeCloseTo((twenty - zero) / 4, 0);
    expect(textAt(svg, "threads").x).toBeGreaterThan(0);
    expect(svg).toContain(
      "tokens/s; median, with whiskers from the 10th to the 90th percentile; a note",
    );
  });

  it("draws a limit as a broken line", () => {
    const limit = { ...line("limit", [1, 20], [2, 20]), meaning: "limit", isDashed: true } as const;
    const svg = linesOf([line("a", [1, 1], [2, 2]), limit]);
    const { light } = palette.limit;
    const [[, y1, , y2] = []] = drawnLines(svg, light);

    expect(y1).toBe(y2);
    expect(svg).toContain(`stroke="${light}" stroke-width="2" stroke-dasharray="6,4"`);
  });

  it("labels the ticks that it is given, begins where it is told, and can be logarithmic", () => {
    const x = { label: "x", ticks: [2000, 4000], from: 1000 };
    const y = { label: "y", scale: "log", ticks: [3, 30, 300] } as const;
    const svg = linesOf([line("a", [1000, 3], [4000, 300])], { x, y });
    const [[left = 0] = []] = drawnLines(svg, palette.other.light);
    const [two, four] = [textAt(svg, "2,000").x, textAt(svg, "4,000").x];
    const [low, middle, high] = [textAt(svg, "3").y, textAt(svg, "30").y, textAt(svg, "300").y];

    expect((four - left) / (two - left)).toBeCloseTo(3, 1);
    expect(low - middle).toBeCloseTo(middle - high, 0);
  });
});

describe("the palette", () => {
  it("gives each meaning a colour of its own", () => {
    const darks = Object.values(palette).map(({ dark }) => dark);

    expect(new Set(colours.map(({ light }) => light)).size).toBe(colours.length);
    expect(new Set(darks).size).toBe(darks.length);
  });

  it.each(["light", "dark"] as const)("can be told from the background in %s mode", (mode) => {
    const ratio = (colour: string) => contrast(colour, neutral.background[mode]);

    for (const colour of Object.values(palette)) expect(ratio(colour[mode])).toBeGreaterThan(3);
    expect(ratio(neutral.text[mode])).toBeGreaterThan(4.5);
    expect(ratio(neutral.muted[mode])).toBeGreaterThan(4.5);
  });

  it.each([
    ["llama-cli, bare", "bare"],
    ["engine alone", "bare"],
    ["llama-cli through the handler", "llama-cli"],
    ["first answer, llama-server", "llama-server"],
    ["micro-batch of 512", "other"],
  ])("takes %s for %s", (name, meaning) => {
    expect(meaningOf(name)).toBe(meaning);
  });
});

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Relative luminance by WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
