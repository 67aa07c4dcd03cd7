import type {
  CustomSeriesOption,
  LineSeriesOption,
  ScatterSeriesOption,
  YAXisComponentOption,
} from "echarts";
import { numberText } from "../number-text.ts";
import type { Spread } from "../statistics.ts";
import { type ChartTexts, chartLayout, chartSvg, valueAxis } from "./chart-svg.ts";
import { type Meaning, neutral, palette } from "./palette.ts";

/** One bar: what was measured, and the result. */
interface Bar extends Spread {
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
    explanation: `${unit}; median, with whiskers from the 10th to the 90th percentile`,
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
      whiskers(rows),
    ],
  });
}

/** Lines from the 10th to the 90th percentile, with a cap at both ends. */
function whiskers(rows: readonly Row[]): CustomSeriesOption {
  const cap = 4;
  const style = { fill: "none", stroke: neutral.text.light, lineWidth: 1.5 };
  return {
    type: "custom",
    silent: true,
    z: 6,
    encode: { x: [0, 1], y: 2 },
    data: rows.flatMap(({ bar }, row) => (bar === undefined ? [] : [[bar.low, bar.high, row]])),
    renderItem: (_params, api) => {
      const [x1 = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
      const [x2 = 0] = api.coord([api.value(1), api.value(2)]);
      const line = (x: number, from: number, toX: number, to: number) =>
        ({ type: "line", shape: { x1: x, y1: from, x2: toX, y2: to }, style }) as const;
      return {
        type: "group",
        children: [
          line(x1, y, x2, y),
          line(x1, y - cap, x1, y + cap),
          line(x2, y - cap, x2, y + cap),
        ],
      };
    },
  };
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
      return [{ value: [bar.high, row], label }];
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
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** An axis: what it shows, with the unit. */
interface Axis {
  readonly label: string;
  readonly scale?: "linear" | "log";
  /** Values to label, the last of which ends the axis. */
  readonly ticks: readonly number[];
  /** Beginning of an axis with ticks; default: the first of them. */
  readonly from?: number;
}

/** Lines over amounts of something. */
export interface LineChart extends ChartTexts {
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  /** Anything else needed to read the chart, below the title. */
  readonly note: string;
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
    explanation: `${y.label}; ${note}`,
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
    min: from ?? Math.min(...ticks),
    max: Math.max(...ticks),
    axisLabel: { ...axis.axisLabel, customValues: [...ticks] },
    axisTick: { show: true, customValues: [...ticks] },
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
    data: points.map(({ x, y }) => [x, y]),
    endLabel: { show: true, distance: nameGap, color, formatter: label, fontSize },
    labelLayout: { moveOverlap: "shiftY" },
  };
}
