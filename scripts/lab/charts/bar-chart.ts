import { type ChartTexts, chartLayout, chartPage, type Drawing } from "./chart-page.ts";
import { groupColours, legendDrawing } from "./legend.ts";
import { type Measurement, measurementEnds, measurementText } from "./measurement.ts";
import { numberText } from "./number-text.ts";
import { type Scale, scaleOf } from "./scale.ts";
import { element, hundredths, textElement } from "./svg-element.ts";
import { textWidth, widestText, wrappedText } from "./text-size.ts";

/** A row: what was measured, and what came out. Made of `{ label, ...spreadOf(values) }`. */
export interface Bar extends Measurement {
  readonly label: string;
  /** Bars of one group have one colour; a legend names the groups. */
  readonly group?: string;
}

/** Horizontal bars, one below the other in the order given. */
export interface BarChart extends ChartTexts {
  /** Unit of the values, written below the title: `tokens per second`. */
  readonly unit: string;
  readonly bars: readonly Bar[];
  /** Decimals of the numbers behind the bars; default: as many as each has, up to six digits. */
  readonly digits?: number;
  /** What else has to be known to read it, behind the unit. */
  readonly note?: string;
  /** A broken line across all rows with its name above: `memory bandwidth limit`. */
  readonly reference?: { readonly value: number; readonly label: string };
}

const barHeight = 16;
const rowGap = 10;
const gap = 8;
const whiskerCap = 4;
/** Row labels take no more of the width than this. */
const labelShare = 0.4;

/**
 * A bar chart as SVG, the same text for the same data.
 *
 * @throws RangeError without bars, for values that are not finite, for a median outside its spread,
 * for more groups than there are colours
 */
export function barChart(chart: BarChart): string {
  const { bars, unit, note } = chart;
  if (bars.length === 0) throw new RangeError("a bar chart needs at least one bar");
  const groups = groupColours(bars.map(({ group }) => group));
  return chartPage(chart, measurementText(unit, bars, note), (top) => {
    const legend = legendDrawing(groups, top);
    const rows = drawRows(chart, groups, legend.bottom);
    return { elements: [...legend.elements, ...rows.elements], bottom: rows.bottom };
  });
}

interface Row {
  readonly bar: Bar;
  readonly labelLines: readonly string[];
  readonly number: string;
  readonly top: number;
  readonly height: number;
}

/** What all rows are drawn by. */
interface Plot {
  readonly scale: Scale;
  readonly groups: ReadonlyMap<string, number>;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
}

function drawRows(chart: BarChart, groups: ReadonlyMap<string, number>, top: number): Drawing {
  const { textSize, lineHeight } = chartLayout;
  const { reference } = chart;
  const firstRow = reference === undefined ? top : top + lineHeight + 4;
  const rows = placedRows(chart, firstRow);
  const bottom = rows.reduce((lowest, row) => Math.max(lowest, row.top + row.height), firstRow);
  const left = labelsRight(rows) + gap;
  const plot = { scale: valueScale(chart, rows, left), groups, left, top: firstRow, bottom };
  const elements = [
    ...plot.scale.ticks.flatMap((tick) => drawTick(tick, plot)),
    ...rows.flatMap((row) => drawRow(row, plot)),
    element("path", { class: "axis", d: upright(plot.scale.place(0), plot) }),
    ...(reference === undefined ? [] : drawReference(reference, plot)),
    ...rows.map((row) => drawNumber(row, plot)),
  ];
  return { elements, bottom: bottom + 4 + textSize };
}

/** Rows below each other, each as high as its label or its bar. */
function placedRows({ bars, digits }: BarChart, firstTop: number): Row[] {
  const { width, textSize, lineHeight } = chartLayout;
  let top = firstTop;
  return bars.map((bar) => {
    const labelLines = wrappedText(bar.label, width * labelShare, textSize);
    const height = Math.max(barHeight, labelLines.length * lineHeight) + rowGap;
    const row = { bar, labelLines, number: numberText(bar.median, digits), top, height };
    top += height;
    return row;
  });
}

function labelsRight(rows: readonly Row[]): number {
  const { margin, textSize } = chartLayout;
  const lines = rows.flatMap(({ labelLines }) => labelLines);
  return margin + widestText(lines, textSize);
}

/** From zero, or the lowest value below it, with room for every number behind its bar. */
function valueScale({ reference }: BarChart, rows: readonly Row[], left: number): Scale {
  const { width, margin, textSize } = chartLayout;
  const ends = rows.flatMap(({ bar }) => Object.values(measurementEnds(bar)));
  const numbers = rows.map(({ number }) => number);
  const values = [0, ...ends, ...(reference === undefined ? [] : [reference.value])];
  // Half of the last tick's text stands outside the plot.
  const { ticks } = scaleOf({ kind: "linear", values, pixels: [0, 1] });
  const outside =
    widestText(
      ticks.map((tick) => numberText(tick)),
      textSize,
    ) / 2;
  const room = Math.max(outside, gap + widestText(numbers, textSize));
  return scaleOf({ kind: "linear", values, pixels: [left, width - margin - room] });
}

function upright(x: number, { top, bottom }: Plot): string {
  return `M${hundredths(x)} ${hundredths(top)}V${hundredths(bottom)}`;
}

function drawTick(tick: number, plot: Plot): string[] {
  const x = plot.scale.place(tick);
  const y = plot.bottom + 4 + chartLayout.textSize;
  return [
    element("path", { class: "grid", d: upright(x, plot) }),
    textElement("text", { class: "muted middle", x, y }, numberText(tick)),
  ];
}

function drawRow({ bar, labelLines, top, height }: Row, plot: Plot): string[] {
  const { textSize, lineHeight } = chartLayout;
  const { scale, groups } = plot;
  const middle = top + height / 2;
  const { low, high } = measurementEnds(bar);
  const firstLine = middle - (labelLines.length * lineHeight) / 2 + textSize;
  const x = scale.place(Math.min(0, bar.median));
  return [
    ...labelLines.map((line, index) => {
      const y = firstLine + index * lineHeight;
      return textElement("text", { class: "label right", x: plot.left - gap, y }, line);
    }),
    element("rect", {
      class: `bar fill-${groups.get(bar.group ?? "")}`,
      x,
      y: middle - barHeight / 2,
      width: scale.place(Math.max(0, bar.median)) - x,
      height: barHeight,
    }),
    ...(low === high ? [] : [whisker([scale.place(low), scale.place(high)], middle)]),
  ];
}

/** Behind the bar and its whisker, and over the line of a reference. */
function drawNumber({ bar, number, top, height }: Row, { scale }: Plot): string {
  const x = scale.place(Math.max(0, measurementEnds(bar).high)) + gap;
  const y = top + height / 2 + chartLayout.textSize / 3;
  return textElement("text", { class: "value over", x, y }, number);
}

function whisker([from, to]: readonly [number, number], middle: number): string {
  const [left, right] = [hundredths(from), hundredths(to)];
  const [y, top, bottom] = [middle, middle - whiskerCap, middle + whiskerCap].map(hundredths);
  const d = `M${left} ${top}V${bottom}M${right} ${top}V${bottom}M${left} ${y}H${right}`;
  return element("path", { class: "whisker", d });
}

/** The name above its line, moved inwards where it would leave the picture. */
function drawReference({ value, label }: { value: number; label: string }, plot: Plot): string[] {
  const { width, margin, textSize } = chartLayout;
  const at = plot.scale.place(value);
  const half = textWidth(label, textSize) / 2;
  const x = Math.max(margin + half, Math.min(width - margin - half, at));
  return [
    element("path", { class: "reference", d: upright(at, plot) }),
    textElement("text", { class: "muted middle", x, y: plot.top - 6 }, label),
  ];
}
