import { barChartSvg } from "../../../../../scripts/lab/charts/bar-chart.ts";
import { lineChartSvg } from "../../../../../scripts/lab/charts/line-chart.ts";
import { meaningOf, neutral, palette } from "../../../../../scripts/lab/charts/palette.ts";
import { drawnTexts } from "./svg-shapes.ts";

const texts = {
  title: "x < y & z",
  description: "a <main> result",
  source: `measured ${"again and ".repeat(20)}again`,
};
const point = { median: 2, low: 1, high: 3 };
const bars = () => barChartSvg({ ...texts, unit: "ms", bars: [{ label: "a", ...point }] });
const lines = () => {
  const points = [{ x: 1, ...point }];
  return lineChartSvg({
    ...texts,
    x: { label: "x" },
    y: { label: "y" },
    lines: [{ label: "a", points }],
  });
};
const colours = [...Object.values(palette), ...Object.values(neutral)];

/** Relative luminance by WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

describe.each([
  ["a bar chart", bars],
  ["a line chart", lines],
])("%s", (_name, draw) => {
  it("is one text for the same data, which refers to nothing outside itself", () => {
    const first = draw();
    lines();

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
    const drawn = [...shown.matchAll(/ (?:fill|stroke)="(?!none)([^"]*)"/g)].map(
      ([, name]) => name,
    );
    const known = colours.map(({ light }) => light);

    expect(drawn.filter((colour) => !known.some((light) => light === colour))).toEqual([]);
    for (const { light, dark } of colours) {
      expect(svg).toContain(`[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`);
    }
  });
});

describe("the palette", () => {
  it("gives each meaning a colour of its own", () => {
    expect(new Set(colours.map(({ light }) => light)).size).toBe(colours.length);
    expect(new Set(Object.values(palette).map(({ dark }) => dark)).size).toBe(
      Object.values(palette).length,
    );
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
