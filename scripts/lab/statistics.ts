/** Median and spread of repeated measurements, in the unit of the measurements. */
export interface Spread {
  readonly median: number;
  /** 10th and 90th percentile. */
  readonly low: number;
  readonly high: number;
}

/** The spread of measurements. @throws RangeError without any */
export function spreadOf(values: readonly number[]): Spread {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.1),
    high: quantile(values, 0.9),
  };
}

/** A quantile from 0 to 1, interpolated between the two nearest values. @throws RangeError without any */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("no measurements");
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Median and spread as text: `12.3 (11.9 to 13.0)`. */
export function spreadText({ median, low, high }: Spread, digits = 1): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
