import { type ChartTexts, chartLayout, chartPage, seriesColours } from "./chart-page.ts";
import { spreadOut } from "./label-places.ts";
import {
  drawAxes,
  type Line,
  level,
  type Plot,
  type PlotContents,
  placesOf,
  plotGap,
  plotOf,
  pointRadius,
} from "./line-plot.ts";
import { measurementText } from "./measurement.ts";
import { drawNotes } from "./plot-notes.ts";
import { element, hundredths, textElement } from "./svg-element.ts";

/** Lines over a common pair of axes. */
export interface LineChart extends ChartTexts, PlotContents {
  /** What else has to be known to read it, behind the vertical axis' name. */
  readonly note?: string;
}

const whiskerCap = 4;

/**
 * A line chart as SVG, the same text for the same data.
 *
 * @throws RangeError without points, for a value that its axis has no place for, for a median
 * outside its spread, for more lines than there are colours
 */
export function lineChart(chart: LineChart): string {
  const { lines, y, note } = chart;
  const empty = lines.find(({ points }) => points.length === 0);
  if (lines.length === 0) throw new RangeError("a line chart needs at least one line");
  if (empty !== undefined) throw new RangeError(`the line "${empty.label}" has no points`);
  if (lines.length > seriesColours) {
    throw new RangeError(`${lines.length} lines are too many: there are ${seriesColours} colours`);
  }
  const points = lines.flatMap(({ points: all }) => all);
  return chartPage(chart, measurementText(y.label, points, note), (top) => {
    const plot = plotOf(chart, top);
    const lineLabels = drawLineLabels(chart, plot);
    return {
      elements: [
        ...drawAxes(chart, plot),
        ...(chart.references ?? []).map(({ value }) => drawReference(value, plot)),
        ...lines.flatMap((line, colour) => drawLine(line, colour, plot)),
        ...lineLabels,
        ...drawNotes(chart, plot),
      ],
      bottom: plot.bottom + 2 * chartLayout.lineHeight + 6,
    };
  });
}

function drawReference(value: number, plot: Plot): string {
  return element("path", { class: "reference", d: level(plot.y.place(value), plot) });
}

function drawLine(line: Line, colour: number, plot: Plot): string[] {
  const places = placesOf(line, plot);
  const d = places
    .map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${hundredths(x)} ${hundredths(y)}`)
    .join("");
  const name = `line stroke-${colour}${line.isDotted ? " dashed" : ""}`;
  const circles = line.isWithoutPoints ? [] : places;
  return [
    element("path", { class: name, d }),
    ...places.flatMap(({ x, low, high }) => (low === high ? [] : [whisker(x, low, high, colour)])),
    ...circles.map(({ x, y }) =>
      element("circle", { class: `point fill-${colour}`, cx: x, cy: y, r: pointRadius }),
    ),
  ];
}

function whisker(x: number, low: number, high: number, colour: number): string {
  const [left, middle, right] = [x - whiskerCap, x, x + whiskerCap].map(hundredths);
  const [bottom, top] = [low, high].map(hundredths);
  const d = `M${left} ${bottom}H${right}M${left} ${top}H${right}M${middle} ${bottom}V${top}`;
  return element("path", { class: `whisker stroke-${colour}`, d });
}

/** The name of each line right of its last point, with a leader where it had to give way. */
function drawLineLabels({ lines }: LineChart, plot: Plot): string[] {
  const { textSize, lineHeight } = chartLayout;
  const ends = lines.map((line) => placesOf(line, plot).at(-1) ?? { x: plot.left, y: plot.top });
  const bounds = [plot.top, plot.bottom] as const;
  const heights = spreadOut(
    ends.map(({ y }) => y),
    lineHeight,
    bounds,
  );
  return lines.flatMap(({ label }, colour) => {
    const end = ends[colour] ?? { x: plot.left, y: plot.top };
    const y = heights[colour] ?? end.y;
    const x = plot.right + 2 * plotGap;
    const isBeside = Math.abs(y - end.y) < 1 && plot.right - end.x < plotGap;
    const from = `M${hundredths(end.x + pointRadius)} ${hundredths(end.y)}`;
    const leader = `${from}L${hundredths(x - 4)} ${hundredths(y)}`;
    return [
      ...(isBeside ? [] : [element("path", { class: `leader stroke-${colour}`, d: leader })]),
      textElement("text", { class: `end fill-${colour}`, x, y: y + textSize / 3 }, label),
    ];
  });
}
