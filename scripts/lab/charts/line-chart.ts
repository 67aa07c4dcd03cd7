import type { LineSeriesOption } from "echarts";
import {
  type ChartTexts,
  chartLayout,
  chartSvg,
  type Measurement,
  measurementEnds,
  valueAxis,
} from "./chart-svg.ts";
import { type Meaning, neutral, palette } from "./palette.ts";

/** A measurement at an amount of something. */
interface Point extends Measurement {
  readonly x: number;
}

/** Points in order of x, with the line's name beside the last one. */
export interface Line {
  readonly label: string;
  /** What its colour stands for; default: `other`. */
  readonly meaning?: Meaning;
  /** Drawn as a broken line without points, as limits are. */
  readonly isDashed?: boolean;
  readonly points: readonly Point[];
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

/**
 * A line chart as SVG.
 *
 * @throws RangeError for values that are not finite and for a median outside its spread
 */
export function lineChartSvg(chart: LineChart): string {
  const { x, y, lines, note } = chart;
  const { margin, lineHeight, textSize } = chartLayout;
  const longestName = Math.max(...lines.map(({ label }) => label.length));
  return chartSvg(chart, {
    unit: y.label,
    note,
    whiskers: lines.flatMap(({ points }) =>
      points.map((point) => {
        const { low, high } = measurementEnds(point);
        return { from: [point.x, low], to: [point.x, high] };
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
      nameTextStyle: { color: neutral.muted.light, fontSize: textSize },
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
    endLabel: {
      show: true,
      distance: nameGap,
      color,
      formatter: label,
      fontSize: chartLayout.textSize,
    },
    labelLayout: { moveOverlap: "shiftY" },
  };
}
