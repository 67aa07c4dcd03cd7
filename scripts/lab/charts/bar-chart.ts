import type { ScatterSeriesOption, YAXisComponentOption } from "echarts";
import { numberText } from "../number-text.ts";
import {
  type ChartTexts,
  chartLayout,
  chartSvg,
  type Measurement,
  measurementEnds,
  valueAxis,
} from "./chart-svg.ts";
import { type Meaning, neutral, palette } from "./palette.ts";

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
 * @throws RangeError for values that are not finite and for a median outside its spread
 */
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
      const { low, high } = measurementEnds(bar);
      return [{ from: [low, row], to: [high, row] }];
    }),
    height: rows.length * rowHeight,
    axisHeight: 2 * chartLayout.lineHeight,
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
      fontSize: chartLayout.textSize,
      // A line behind the letters must not strike them out.
      textBorderColor: neutral.background.light,
      textBorderWidth: 3,
    },
    data: rows.flatMap(({ bar }, row) => {
      if (bar === undefined) return [];
      const label = { formatter: numberText(bar.median, 1) };
      return [{ value: [Math.max(0, measurementEnds(bar).high), row], label }];
    }),
  };
}
