import { barChart } from "../../../../../scripts/lab/charts/bar-chart.ts";

const svg = barChart({
  title: "a title",
  description: "in words",
  unit: "ms",
  bars: [{ label: "a", median: 1 }],
});
const [, style = ""] = /<style>(.*)<\/style>/.exec(svg) ?? [];
const [light = "", dark = ""] = style.split("@media (prefers-color-scheme:dark)");

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

/** The colour that a rule of a style sheet gives a class or an element. */
function colourOf(sheet: string, name: string): string {
  const rule = [...sheet.matchAll(/([^{}]+)\{(?:fill|stroke):(#[0-9a-f]{6})\}/g)].find(
    ([, names]) => names?.split(",").includes(name),
  );
  return rule?.[2] ?? `no colour for ${name}`;
}

const names = [
  ...Array.from({ length: 6 }, (_, index) => [`.fill-${index}`, `.stroke-${index}`]).flat(),
  ...[".whisker", ".mark", ".axis", ".reference"],
];

describe("the colours of a chart", () => {
  it.each([
    ["light", light],
    ["dark", dark],
  ])("can be told from the background in the %s", (_name, sheet) => {
    const ratio = (name: string) => contrast(colourOf(sheet, name), colourOf(sheet, ".background"));

    expect(names.filter((name) => !(ratio(name) >= 3))).toEqual([]);
    expect(["text", ".muted"].filter((name) => !(ratio(name) >= 4.5))).toEqual([]);
  });
});
