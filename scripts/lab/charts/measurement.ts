/** A median, and how far the measurements lie apart; a value that was not measured has no spread. */
export interface Measurement {
  readonly median: number;
  /** 10th and 90th percentile, as `spreadOf` in `scripts/lab/statistics.ts` finds them. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** What the drawing means, for the line below the title; whiskers are told of where there are any. */
export function measurementText(
  unit: string,
  measurements: readonly Measurement[],
  note: string | undefined,
): string {
  const hasSpread = measurements.some(({ low, high }) => low !== undefined || high !== undefined);
  const whiskers = hasSpread ? "median, with whiskers from the 10th to the 90th percentile" : "";
  return [unit, whiskers, note ?? ""].filter((part) => part !== "").join("; ");
}

/** Both ends of a measurement, the median where it has no spread. @throws RangeError when crossed */
export function measurementEnds({ median, low = median, high = median }: Measurement): {
  readonly low: number;
  readonly high: number;
} {
  if (low <= median && median <= high) return { low, high };
  throw new RangeError(`a median of ${median} cannot lie outside ${low} to ${high}`);
}
