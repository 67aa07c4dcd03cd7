import type { LineSeriesOption, ScatterSeriesOption, YAXisComponentOption } from "echarts";
import { numberText } from "../number-text.ts";
import { type ChartTexts, chartLayout, chartSvg, valueAxis } from "./chart-svg.ts";
import { type Meaning, neutral, palette } from "./palette.ts";

/** A median with its spread; a value that was not measured has none. */
interface Measurement {
  readonly median: number;
  /** 10th and 90th percentile, as `spreadOf` in `scripts/lab/statistics.ts` finds them. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** One bar: what was measured, and the result. */
interface Bar extends Measurement {
  readonly label: string;
  /** What its colour stands for; default: `other`. */
  readonly meaning?: Meaning;
  /** Heading above the first of neighbouring bars that share it. */
  readonly group?: string | undefined;
}

/** Horizontal bars below each other, in the order given. */
export interface BarChart extends ChartTexts {
  /** What the values are, with their unit: `decoding, tokens/s`. */
  readonly unit: string;
  readonly bars: readonly Bar[];
}

/** A line of a bar chart: a heading, or a bar with its label. */
interface Row {
  readonly text: string;
  readonly bar?: Bar;
}

const { lineHeight, margin, textSize: fontSize } = chartLayout;
const rowHeight = 26;
const barHeight = 16;
const labelWidth = 260;
/** Room for the numbers behind the longest bar. */
const numberWidth = 64;

/** A bar chart as SVG. */
export function barChartSvg(chart: BarChart): string {
  const { bars, unit } = chart;
  const rows = bars.flatMap((bar, index): Row[] => {
    const { label: text, group } = bar;
    const isFirst = group !== undefined && group !== bars[index - 1]?.group;
    return [...(isFirst ? [{ text: group }] : []), { text, bar }];
  });
  return chartSvg(chart, {
    unit,
    whiskers: rows.flatMap(({ bar }, row) => {
      if (bar === undefined) return [];
      const { median, low = median, high = median } = bar;
      return [{ from: [low, row], to: [high, row] }];
    }),
    height: rows.length * rowHeight,
    axisHeight: 2 * lineHeight,
    rightWidth: numberWidth,
    xAxis: { type: "value", ...valueAxis() },
    yAxis: rowAxis(rows),
    series: [
      {
        type: "bar",
        silent: true,
        clip: false,
        barWidth: barHeight,
        data: rows.map(({ bar }) => ({
          value: bar?.median ?? Number.NaN,
          itemStyle: { color: palette[bar?.meaning ?? "other"].light },
        })),
      },
      numbers(rows),
    ],
  });
}

function rowAxis(rows: readonly Row[]): YAXisComponentOption {
  return {
    type: "category",
    inverse: true,
    data: rows.map((_, index) => String(index)),
    axisTick: { show: false },
    axisLine: { lineStyle: { color: neutral.muted.light } },
    axisLabel: {
      color: neutral.text.light,
      fontSize,
      interval: 0,
      width: labelWidth,
      overflow: "break",
      formatter: (index: string) => {
        const { text, bar } = rows[Number(index)] ?? { text: "" };
        return bar === undefined ? `{heading|${text}}` : text;
      },
      rich: { heading: { fontWeight: "bold", color: neutral.text.light } },
    },
  };
}

/** The medians with one decimal, behind the bars and their whiskers. */
function numbers(rows: readonly Row[]): ScatterSeriesOption {
  return {
    type: "scatter",
    silent: true,
    symbolSize: 0,
    clip: false,
    z: 6,
    itemStyle: { color: neutral.text.light, opacity: 1 },
    label: {
      show: true,
      position: "right",
      distance: 8,
      color: neutral.text.light,
      fontSize,
      // A line behind the letters must not strike them out.
      textBorderColor: neutral.background.light,
      textBorderWidth: 3,
    },
    data: rows.flatMap(({ bar }, row) => {
      if (bar === undefined) return [];
      const label = { formatter: numberText(bar.median, 1) };
      return [{ value: [Math.max(0, bar.high ?? bar.median), row], label }];
    }),
  };
}

/** Points in order of x, with the line's name beside the last one. */
export interface Line {
  readonly label: string;
  /** What its colour stands for; default: `other`. */
  readonly meaning?: Meaning;
  /** Drawn as a broken line without points, as limits are. */
  readonly isDashed?: boolean;
  readonly points: readonly (Measurement & { readonly x: number })[];
}

/** An axis: what it shows, with the unit. */
interface Axis {
  readonly label: string;
  readonly scale?: "linear" | "log";
  /** Values to label, the last of which ends the axis; default: round ones. */
  readonly ticks?: readonly number[];
  /** Beginning of an axis with ticks; default: the first of them. */
  readonly from?: number;
}

/** Lines over amounts of something. */
export interface LineChart extends ChartTexts {
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  /** Anything else needed to read the chart, below the title. */
  readonly note?: string;
}

const plotHeight = 280;
/** Pixels between a line's end and its name. */
const nameGap = 8;
/** Pixels a character of a line's name takes at most. */
const characterWidth = 7;

/** A line chart as SVG. */
export function lineChartSvg(chart: LineChart): string {
  const { x, y, lines, note } = chart;
  const longestName = Math.max(...lines.map(({ label }) => label.length));
  return chartSvg(chart, {
    unit: y.label,
    note,
    whiskers: lines.flatMap(({ points }) =>
      points.map(({ x: at, median, low = median, high = median }) => {
        return { from: [at, low], to: [at, high] };
      }),
    ),
    height: plotHeight,
    axisHeight: 3 * lineHeight,
    rightWidth: 2 * nameGap + longestName * characterWidth,
    xAxis: {
      ...axisOption(x),
      name: x.label,
      nameLocation: "middle",
      nameGap: 2 * margin,
      nameTextStyle: { color: neutral.muted.light, fontSize },
    },
    yAxis: axisOption(y),
    series: lines.map(lineSeries),
  });
}

function axisOption({ scale = "linear", ticks, from }: Axis) {
  const axis = valueAxis();
  return {
    ...axis,
    type: scale === "log" ? ("log" as const) : ("value" as const),
    ...(ticks !== undefined && {
      min: from ?? Math.min(...ticks),
      max: Math.max(...ticks),
      axisLabel: { ...axis.axisLabel, customValues: [...ticks] },
      axisTick: { show: true, customValues: [...ticks] },
    }),
  };
}

function lineSeries({ label, meaning = "other", isDashed, points }: Line): LineSeriesOption {
  const color = palette[meaning].light;
  return {
    type: "line",
    silent: true,
    clip: false,
    symbol: isDashed ? "none" : "circle",
    symbolSize: 7,
    itemStyle: { color },
    lineStyle: { color, width: 2, type: isDashed ? [6, 4] : "solid" },
    data: points.map(({ x, median }) => [x, median]),
    endLabel: { show: true, distance: nameGap, color, formatter: label, fontSize },
    labelLayout: { moveOverlap: "shiftY" },
  };
}
