import type {
  BarSeriesOption,
  MarkLineComponentOption,
  ScatterSeriesOption,
  YAXisComponentOption,
} from "echarts";
import { numberText } from "../number-text.ts";
import { type ChartTexts, chartLayout, chartSvg, valueAxis } from "./chart-svg.ts";
import { explanationOf, type Measurement, measurementEnds, whiskerSeries } from "./measurement.ts";
import { type Meaning, neutral, palette } from "./palette.ts";

/** One bar: what was measured, and the result. */
export interface Bar extends Measurement {
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
  /** Decimals of the numbers beside the bars; default: up to six significant digits. */
  readonly decimals?: number;
  /** Anything else needed to read the chart, behind the unit. */
  readonly note?: string;
  readonly limit?: Limit;
}

/** A broken line across all bars, with its name above: `memory bandwidth`. */
interface Limit {
  readonly value: number;
  readonly label: string;
}

/** A line of the chart: a heading, or a bar with its label. */
interface Row {
  readonly text: string;
  readonly bar?: Bar;
}

const rowHeight = 26;
const barHeight = 16;
const labelWidth = 260;
/** Room for the numbers behind the longest bar. */
const numberWidth = 64;

/**
 * A bar chart as SVG.
 *
 * @throws RangeError without bars, for values that are not finite, for a median outside its spread
 */
export function barChartSvg(chart: BarChart): string {
  const { bars, unit, note, limit } = chart;
  if (bars.length === 0) throw new RangeError("a bar chart needs at least one bar");
  const rows = rowsOf(bars);
  const { lineHeight } = chartLayout;
  return chartSvg(chart, {
    explanation: explanationOf(unit, bars, note),
    headHeight: limit === undefined ? 0 : lineHeight,
    height: rows.length * rowHeight,
    axisHeight: 2 * lineHeight,
    rightWidth: numberWidth,
    option: {
      xAxis: { type: "value", ...valueAxis() },
      yAxis: rowAxis(rows),
      series: [barSeries(rows, limit), whiskers(rows), numbers(rows, chart)],
    },
  });
}

function rowsOf(bars: readonly Bar[]): Row[] {
  return bars.flatMap((bar, index) => {
    const { label: text, group } = bar;
    const isFirst = group !== undefined && group !== bars[index - 1]?.group;
    return [...(isFirst ? [{ text: group }] : []), { text, bar }];
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
      fontSize: chartLayout.textSize,
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

function barSeries(rows: readonly Row[], limit: Limit | undefined): BarSeriesOption {
  return {
    type: "bar",
    silent: true,
    clip: false,
    barWidth: barHeight,
    data: rows.map(({ bar }) => ({
      value: bar?.median ?? Number.NaN,
      itemStyle: { color: palette[bar?.meaning ?? "other"].light },
    })),
    ...(limit !== undefined && { markLine: limitLine(limit) }),
  };
}

function limitLine({ value, label: name }: Limit): MarkLineComponentOption {
  const color = palette.limit.light;
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color, type: [6, 4], width: 1.5 },
    // The axis of the rows points down: the start of the line is its upper end.
    label: { color, fontSize: chartLayout.textSize, position: "start", formatter: name },
    data: [{ xAxis: value }],
  };
}

function whiskers(rows: readonly Row[]) {
  return whiskerSeries(
    rows.flatMap(({ bar }, row) => {
      if (bar === undefined) return [];
      const { low, high } = measurementEnds(bar);
      return low === high ? [] : [{ from: [low, row], to: [high, row] }];
    }),
  );
}

/** The medians as numbers, behind the bars and their whiskers. */
function numbers(rows: readonly Row[], { decimals, limit }: BarChart): ScatterSeriesOption {
  const { textSize: fontSize } = chartLayout;
  const texts = rows.flatMap(({ bar }, row) => {
    if (bar === undefined) return [];
    const label = { formatter: numberText(bar.median, decimals) };
    return [{ value: [Math.max(0, measurementEnds(bar).high), row], label }];
  });
  // Without a point of its own, a limit above all bars would lie outside the plot.
  const reach = limit === undefined ? [] : [{ value: [limit.value, 0], label: { show: false } }];
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
    data: [...texts, ...reach],
  };
}
