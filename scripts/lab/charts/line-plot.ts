import { chartLayout } from "./chart-page.ts";
import { type Measurement, measurementEnds } from "./measurement.ts";
import { numberText } from "./number-text.ts";
import { type Scale, scaleOf } from "./scale.ts";
import { element, hundredths, textElement } from "./svg-element.ts";
import { textWidth, widestText } from "./text-size.ts";

/** What was measured at one place of the horizontal axis: `{ x, ...spreadOf(values) }`. */
export interface Point extends Measurement {
  readonly x: number;
}

/** Points with a line through them, from left to right, named at the line's end. */
export interface Line {
  readonly label: string;
  readonly points: readonly Point[];
  /** For what was not measured: dots instead of a line. */
  readonly isDotted?: boolean;
  /** No circle at each point: for a curve that was calculated. */
  readonly isWithoutPoints?: boolean;
}

/** One direction of the plot. */
export interface Axis {
  /** What it counts, with the unit: `vCPUs`, `tokens per second`. */
  readonly label: string;
  /** Default: linear; a vertical linear axis begins at 0. */
  readonly scale?: "linear" | "log";
  /** Values to mark instead of round ones. */
  readonly ticks?: readonly number[];
  /** How a tick is written; default: with commas between thousands. */
  readonly tickText?: (value: number) => string;
}

/** What has to fit into a plot. */
export interface PlotContents {
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  /** Broken lines from side to side: `memory bandwidth limit`. */
  readonly references?: readonly { readonly value: number; readonly label: string }[];
  /** Places with a ring around them and a text beside it: `cheapest`. */
  readonly marks?: readonly { readonly x: number; readonly y: number; readonly label: string }[];
}

const plotHeight = 300;

/** Pixels between things that must not touch. */
export const plotGap = 8;

/** Radius of a point, in pixels. */
export const pointRadius = 3.5;

/** Where things stand, in pixels. */
export interface Plot {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Room for everything below `top`, for the numbers left of it and for the lines' names right of it. */
export function plotOf(
  { x, y, lines, references = [], marks = [] }: PlotContents,
  top: number,
): Plot {
  const { width, margin, textSize } = chartLayout;
  const points = lines.flatMap((line) => line.points);
  const bottom = top + plotHeight;
  const yScale = scaleOf({
    kind: y.scale ?? "linear",
    values: [
      ...(y.scale === "log" ? [] : [0]),
      ...points.flatMap((point) => Object.values(measurementEnds(point))),
      ...references.map(({ value }) => value),
      ...marks.map((mark) => mark.y),
    ],
    pixels: [bottom, top],
    ticks: y.ticks,
  });
  const xInputs = {
    kind: x.scale ?? "linear",
    values: [...points, ...marks].map((point) => point.x),
    ticks: x.ticks,
  } as const;
  const widest = (texts: readonly string[]) => widestText(texts, textSize);
  // Half of the first and of the last tick's text stand outside the plot.
  const { ticks } = scaleOf({ ...xInputs, pixels: [0, 1] });
  const outside = widest(ticks.map(tickText(x))) / 2;
  const left = margin + Math.max(outside, widest(yScale.ticks.map(tickText(y))) + plotGap);
  const names = widest(lines.map(({ label }) => label));
  const right = width - margin - Math.max(outside, names + 2 * plotGap);
  const xScale = scaleOf({ ...xInputs, pixels: [left + pointRadius, right - pointRadius] });
  return { x: xScale, y: yScale, left, right, top, bottom };
}

/** Both axes with their lines and numbers. */
export function drawAxes({ x, y }: PlotContents, plot: Plot): string[] {
  const { textSize, lineHeight } = chartLayout;
  const below = plot.bottom + 6 + textSize;
  const middle = (plot.left + plot.right) / 2;
  return [
    ...plot.y.ticks.map((tick) => {
      return element("path", { class: "grid", d: level(plot.y.place(tick), plot) });
    }),
    ...plot.x.ticks.map((tick) => {
      const d = `M${hundredths(plot.x.place(tick))} ${hundredths(plot.top)}V${hundredths(plot.bottom)}`;
      return element("path", { class: "grid", d });
    }),
    ...plot.y.ticks.map((tick) => {
      const place = { x: plot.left - plotGap, y: plot.y.place(tick) + textSize / 3 };
      return textElement("text", { class: "muted right", ...place }, tickText(y)(tick));
    }),
    ...uncrowded(plot.x.ticks, plot.x, tickText(x)).map((tick) => {
      const place = { x: plot.x.place(tick), y: below };
      return textElement("text", { class: "muted middle", ...place }, tickText(x)(tick));
    }),
    element("path", { class: "axis", d: level(plot.bottom, plot) }),
    textElement("text", { class: "middle", x: middle, y: below + lineHeight }, x.label),
  ];
}

/** The ticks whose texts have room beside each other, from the first on. */
function uncrowded(
  ticks: readonly number[],
  scale: Scale,
  textOf: (value: number) => string,
): number[] {
  let free = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    const half = textWidth(textOf(tick), chartLayout.textSize) / 2;
    const at = scale.place(tick);
    if (at - half < free) return false;
    free = at + half + plotGap / 2;
    return true;
  });
}

/** How an axis writes its values. */
function tickText({ tickText: own }: Axis): (value: number) => string {
  return own ?? ((value) => numberText(value));
}

/** A path from side to side. */
export function level(y: number, { left, right }: Plot): string {
  return `M${hundredths(left)} ${hundredths(y)}H${hundredths(right)}`;
}

/** Pixels of a line's points, from left to right. */
export function placesOf({ points }: Line, plot: Plot) {
  return points
    .toSorted((a, b) => a.x - b.x)
    .map((point) => {
      const { low, high } = measurementEnds(point);
      const [y, from, to] = [point.median, low, high].map(plot.y.place);
      return { x: plot.x.place(point.x), y: y ?? 0, low: from ?? 0, high: to ?? 0 };
    });
}
