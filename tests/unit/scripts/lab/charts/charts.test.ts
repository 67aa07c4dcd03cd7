import { type BarChart, barChartSvg } from "../../../../../scripts/lab/charts/charts.ts";
import { meaningOf, neutral, palette } from "../../../../../scripts/lab/charts/palette.ts";

// Line charts: docs/cost-by-memory.svg is compared with the one that is drawn.

const texts = {
  title: "x < y & z",
  description: "a <main> result",
  source: `measured ${"again and ".repeat(20)}again`,
};
const spread = { median: 10, low: 5, high: 20 };
const colours = [...Object.values(palette), ...Object.values(neutral)];

const barsOf = (...bars: BarChart["bars"]) => barChartSvg({ ...texts, unit: "ms", bars });

/** The texts of a chart and their places in pixels, in the order of drawing. */
function drawnTexts(svg: string) {
  const pattern =
    /<text [^>]*?(?: y="(-?[\d.]+)")? transform="translate\(([\d.-]+) ([\d.-]+)\)"[^>]*>([^<]*)</g;
  return [...svg.matchAll(pattern)].map(([, dy = "0", x, y, text = ""]) => {
    return { text, x: Number(x), y: Number(y) + Number(dy) };
  });
}

/** The first text that reads so; at no place without one. */
function textAt(svg: string, text: string) {
  const found = drawnTexts(svg).find((one) => one.text === text);
  return found ?? { x: Number.NaN, y: Number.NaN };
}

/** The bars of one colour: where they begin, and their lengths, in pixels. */
function drawnBars(svg: string, colour: string) {
  const pattern = new RegExp(`d="M([\\d.]+) [\\d.]+l(-?[\\d.]+) 0[^"]*" fill="${colour}"`, "g");
  return [...svg.matchAll(pattern)].map((found) => found.slice(1).map(Number));
}

/** Where straight lines in the colour of text begin and end, in pixels from the left. */
function drawnWhiskers(svg: string) {
  const pattern = new RegExp(
    `d="M([\\d.]+) [\\d.]+L([\\d.]+) [\\d.]+" fill="none" stroke="${neutral.text.light}"`,
    "g",
  );
  return [...svg.matchAll(pattern)].map((found) => found.slice(1).map(Number));
}

describe("barChartSvg", () => {
  it("is one text for the same data, which refers to nothing outside itself", () => {
    const first = barsOf({ label: "a", ...spread });
    barsOf({ label: "another", ...spread });

    expect(barsOf({ label: "a", ...spread })).toBe(first);
    expect(first).not.toMatch(/href|<script|url\((?!#)/);
    expect(first).toContain("<title>x &lt; y &amp; z</title>\n<desc>a &lt;main&gt; result</desc>");
  });

  it("breaks a long source into lines below the plot", () => {
    const svg = barsOf({ label: "a", ...spread });
    const sourceLines = drawnTexts(svg).filter(({ text }) => text.includes("again and"));
    const height = Number(/ height="(\d+)"/.exec(svg)?.[1]);

    expect(sourceLines.length).toBeGreaterThan(1);
    expect(sourceLines.every(({ text, y }) => text.length <= 112 && y < height)).toBe(true);
  });

  it("draws in the palette's light colours, each with a dark one", () => {
    const svg = barsOf({ label: "a", ...spread });
    const shown = svg.replaceAll(/<defs[\s\S]*?<\/defs>|<[^>]* fill-opacity="0"[^>]*>/g, "");
    const drawn = [...shown.matchAll(/ (?:fill|stroke)="(?!none)([^"]*)"/g)];
    const known = new Set<string | undefined>(colours.map(({ light }) => light));

    expect(drawn.filter(([, colour]) => !known.has(colour))).toEqual([]);
    for (const { light, dark } of colours) {
      expect(svg).toContain(`[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`);
    }
  });

  it("draws whiskers at the ends of the spread, and the number behind them", () => {
    const svg = barsOf({ label: "a", ...spread });
    const [[left = 0, length = 0] = []] = drawnBars(svg, palette.other.light);
    const [[x1 = 0, x2 = 0] = []] = drawnWhiskers(svg);

    expect([x1, x2]).toEqual([
      expect.closeTo(left + length / 2, 0),
      expect.closeTo(left + 2 * length, 0),
    ]);
    expect(textAt(svg, "10.0").x).toBeGreaterThan(x2);
    expect(svg).toContain("ms; median, with whiskers from the 10th to the 90th percentile");
  });

  it("writes a heading above the bars of a group, and colours bars by their meaning", () => {
    const svg = barsOf(
      { label: "one", ...spread, group: "cold", meaning: "llama-cli" },
      { label: "two", ...spread, group: "cold", meaning: "llama-server" },
      { label: "three", ...spread, group: "warm", meaning: "llama-cli" },
    );
    const heights = ["cold", "one", "two", "warm", "three"].map((text) => textAt(svg, text).y);

    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
    expect(drawnTexts(svg).filter(({ text }) => text === "cold")).toHaveLength(1);
    expect(drawnBars(svg, palette["llama-cli"].light)).toHaveLength(2);
    expect(drawnBars(svg, palette["llama-server"].light)).toHaveLength(1);
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
