import type { Meaning } from "../../../../../scripts/lab/charts/palette.ts";
import { neutral, palette } from "../../../../../scripts/lab/charts/palette.ts";

/** A text of a chart and its place, in pixels. */
export interface DrawnText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly colour: string;
}

/** The texts of a chart, in the order of drawing. */
export function drawnTexts(svg: string): DrawnText[] {
  const pattern =
    /<text [^>]*?(?: y="(-?[\d.]+)")? transform="translate\(([\d.-]+) ([\d.-]+)\)" fill="([^"]+)"[^>]*>([^<]*)</g;
  return [...svg.matchAll(pattern)].map(([, dy = "0", x, y, colour = "", text = ""]) => {
    return { text, x: Number(x), y: Number(y) + Number(dy), colour };
  });
}

/** The bars of one meaning: where they begin, their length and their upper edge, in pixels. */
export function drawnBars(svg: string, meaning: Meaning) {
  const colour = palette[meaning].light;
  const pattern = new RegExp(`d="M([\\d.]+) ([\\d.]+)l(-?[\\d.]+) 0[^"]*" fill="${colour}"`, "g");
  return [...svg.matchAll(pattern)].map(([, left, top, length]) => {
    return { left: Number(left), top: Number(top), length: Number(length) };
  });
}

/** Straight lines of a colour, in pixels. */
export function drawnLines(svg: string, colour: string) {
  const pattern = new RegExp(
    `d="M([\\d.]+) ([\\d.]+)L([\\d.]+) ([\\d.]+)" fill="none" stroke="${colour}"`,
    "g",
  );
  return [...svg.matchAll(pattern)].map(([, x1, y1, x2, y2]) => {
    return { x1: Number(x1), y1: Number(y1), x2: Number(x2), y2: Number(y2) };
  });
}

/** Whiskers: their lines and caps. */
export function drawnWhiskers(svg: string) {
  return drawnLines(svg, neutral.text.light);
}
