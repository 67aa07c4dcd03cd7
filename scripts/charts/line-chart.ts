import { type ChartTexts, chartLayout, chartPage, seriesColours } from "./chart-page.ts";
import { type Box, freestPlace, spreadOut } from "./label-places.ts";
import { type Measurement, measurementEnds, measurementText } from "./measurement.ts";
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

/** Lines over a common pair of axes. */
export interface LineChart extends ChartTexts {
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  /** What else has to be known to read it, behind the vertical axis' name. */
  readonly note?: string;
  /** Broken lines from side to side: `memory bandwidth limit`. */
  readonly references?: readonly { readonly value: number; readonly label: string }[];
  /** Places with a ring around them and a text beside it: `cheapest`. */
  readonly marks?: readonly { readonly x: number; readonly y: number; readonly label: string }[];
}

const plotHeight = 300;
const gap = 8;
const pointRadius = 3.5;
const markRadius = 7;
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

/** Where things stand, in pixels. */
interface Plot {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function plotOf({ x, y, lines, references = [], marks = [] }: LineChart, top: number): Plot {
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
  const left = margin + Math.max(outside, widest(yScale.ticks.map(tickText(y))) + gap);
  const names = widest(lines.map(({ label }) => label));
  const right = width - margin - Math.max(outside, names + 2 * gap);
  const xScale = scaleOf({ ...xInputs, pixels: [left + pointRadius, right - pointRadius] });
  return { x: xScale, y: yScale, left, right, top, bottom };
}

function drawAxes({ x, y }: LineChart, plot: Plot): string[] {
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
      const place = { x: plot.left - gap, y: plot.y.place(tick) + textSize / 3 };
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
    free = at + half + gap / 2;
    return true;
  });
}

/** How an axis writes its values. */
function tickText({ tickText: own }: Axis): (value: number) => string {
  return own ?? ((value) => numberText(value));
}

function level(y: number, { left, right }: Plot): string {
  return `M${hundredths(left)} ${hundredths(y)}H${hundredths(right)}`;
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

/** Pixels of a line's points, from left to right. */
function placesOf({ points }: Line, plot: Plot) {
  return points
    .toSorted((a, b) => a.x - b.x)
    .map((point) => {
      const { low, high } = measurementEnds(point);
      const [y, from, to] = [point.median, low, high].map(plot.y.place);
      return { x: plot.x.place(point.x), y: y ?? 0, low: from ?? 0, high: to ?? 0 };
    });
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
    const x = plot.right + 2 * gap;
    const isBeside = Math.abs(y - end.y) < 1 && plot.right - end.x < gap;
    const from = `M${hundredths(end.x + pointRadius)} ${hundredths(end.y)}`;
    const leader = `${from}L${hundredths(x - 4)} ${hundredths(y)}`;
    return [
      ...(isBeside ? [] : [element("path", { class: `leader stroke-${colour}`, d: leader })]),
      textElement("text", { class: `end fill-${colour}`, x, y: y + textSize / 3 }, label),
    ];
  });
}

/** Names of references and marks, each where it covers least. */
function drawNotes(chart: LineChart, plot: Plot): string[] {
  const { references = [], marks = [] } = chart;
  const taken = chart.lines.flatMap((line) => coveredBoxes(line, plot));
  const put = (label: string, candidates: readonly Box[]) => {
    const box = freestPlace(
      candidates.map((candidate) => inside(candidate, plot)),
      taken,
    );
    taken.push(box);
    const y = box.top + box.height - 4;
    return textElement("text", { class: "note over", x: box.left, y }, label);
  };
  const rings = marks.map((mark) => ({
    ...mark,
    at: { x: plot.x.place(mark.x), y: plot.y.place(mark.y) },
  }));
  taken.push(...rings.map(({ at }) => around(at.x, at.y, markRadius)));
  return [
    ...rings.map(({ at }) =>
      element("circle", { class: "mark", cx: at.x, cy: at.y, r: markRadius }),
    ),
    ...rings.map(({ at, label }) => put(label, placesAround(at, sizeOf(label)))),
    ...references.map(({ value, label }) =>
      put(label, placesAlong(plot.y.place(value), sizeOf(label), plot)),
    ),
  ];
}

/** A box moved as far as it has to be to lie in the plot. */
function inside(box: Box, { left, right, top, bottom }: Plot): Box {
  return {
    ...box,
    left: Math.max(left, Math.min(right - box.width, box.left)),
    top: Math.max(top, Math.min(bottom - box.height, box.top)),
  };
}

type Size = Pick<Box, "width" | "height">;

function sizeOf(label: string): Size {
  const { textSize, lineHeight } = chartLayout;
  return { width: textWidth(label, textSize), height: lineHeight };
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius };
}

const boxesPerStep = 24;

/** What a line covers: small boxes along it. */
function coveredBoxes(line: Line, plot: Plot): Box[] {
  const places = placesOf(line, plot);
  return places.flatMap((from, index) => {
    const to = places[index + 1] ?? from;
    return Array.from({ length: boxesPerStep }, (_, step) => {
      const share = step / boxesPerStep;
      return around(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share, 3);
    });
  });
}

/** Around a ring: at its sides, above and below it, and at its corners. */
function placesAround({ x, y }: { x: number; y: number }, { width, height }: Size): Box[] {
  const away = markRadius + 4;
  const lefts = { left: x - away - width, middle: x - width / 2, right: x + away };
  const tops = { above: y - away - height, beside: y - height / 2, below: y + away };
  return (
    [
      ["middle", "above"],
      ["right", "beside"],
      ["left", "beside"],
      ["middle", "below"],
      ["right", "above"],
      ["left", "above"],
      ["right", "below"],
      ["left", "below"],
    ] as const
  ).map(([across, down]) => ({ left: lefts[across], top: tops[down], width, height }));
}

/** Above and below a line, from its left end to its right one. */
function placesAlong(y: number, { width, height }: Size, plot: Plot): Box[] {
  const last = plot.right - width - 2;
  const lefts = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => plot.left + 4 + (last - plot.left - 4) * share,
  );
  return [y - height - 2, y + 2].flatMap((top) =>
    lefts.map((left) => ({ left, top, width, height })),
  );
}
