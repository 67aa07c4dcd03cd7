import type { CustomSeriesOption } from "echarts";
import { neutral } from "./palette.ts";

/** A median with its spread; a value that was not measured has none. */
export interface Measurement {
  readonly median: number;
  /** 10th and 90th percentile, as `spreadOf` in `scripts/lab/statistics.ts` finds them. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** The line below a chart's title: unit, meaning of the whiskers where there are any, a note. */
export function explanationOf(
  unit: string,
  measurements: readonly Measurement[],
  note: string | undefined,
): string {
  const hasSpread = measurements.some(({ low, high }) => low !== undefined || high !== undefined);
  const whiskers = hasSpread ? "median, with whiskers from the 10th to the 90th percentile" : "";
  return [unit, whiskers, note ?? ""].filter((part) => part !== "").join("; ");
}

/**
 * Both ends of a measurement; the median where it has no spread.
 *
 * @throws RangeError for a median outside its spread and for what is not finite
 */
export function measurementEnds({ median, low = median, high = median }: Measurement): {
  readonly low: number;
  readonly high: number;
} {
  if (!(low <= median && median <= high) || !Number.isFinite(high - low)) {
    throw new RangeError(`a median of ${median} cannot lie outside ${low} to ${high}`);
  }
  return { low, high };
}

/** A place in a chart, in the units of its axes. */
type Place = readonly [x: number, y: number];

/** Lines with a cap at both ends, upright or level, each from one place to another. */
export function whiskerSeries(
  whiskers: readonly { readonly from: Place; readonly to: Place }[],
): CustomSeriesOption {
  const cap = 4;
  const style = { fill: "none", stroke: neutral.text.light, lineWidth: 1.5 };
  return {
    type: "custom",
    silent: true,
    z: 6,
    encode: { x: [0, 2], y: [1, 3] },
    data: whiskers.map(({ from, to }) => [...from, ...to]),
    renderItem: (_params, api) => {
      const [x1 = 0, y1 = 0] = api.coord([api.value(0), api.value(1)]);
      const [x2 = 0, y2 = 0] = api.coord([api.value(2), api.value(3)]);
      const [dx, dy] = x1 === x2 ? [cap, 0] : [0, cap];
      const line = (x: number, y: number, toX: number, toY: number) =>
        ({ type: "line", shape: { x1: x, y1: y, x2: toX, y2: toY }, style }) as const;
      return {
        type: "group",
        children: [
          line(x1, y1, x2, y2),
          line(x1 - dx, y1 - dy, x1 + dx, y1 + dy),
          line(x2 - dx, y2 - dy, x2 + dx, y2 + dy),
        ],
      };
    },
  };
}
