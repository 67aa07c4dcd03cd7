/** Values along an axis, and where they stand. */
export interface Scale {
  /** Pixel of a value. */
  place(value: number): number;
  /** Values that get a line and a number, from low to high. */
  readonly ticks: readonly number[];
}

/** What a scale is made of. */
export interface ScaleInputs {
  readonly kind: "linear" | "log";
  /** All values that have to fit. */
  readonly values: readonly number[];
  /** Pixel of the lowest and of the highest value. */
  readonly pixels: readonly [number, number];
  /** Ticks to take instead of round numbers; the axis reaches no farther than them and the values. */
  readonly ticks?: readonly number[] | undefined;
}

/**
 * A scale on which all values fit.
 *
 * @throws RangeError for values that it has no place for: none, none finite, on a logarithmic scale
 * none above 0
 */
export function scaleOf({ kind, values, pixels, ticks }: ScaleInputs): Scale {
  const all = [...values, ...(ticks ?? [])];
  if (all.length === 0) throw new RangeError("an axis needs at least one value");
  const isPlaceable = (value: number) => Number.isFinite(value) && (kind === "linear" || value > 0);
  const bad = all.find((value) => !isPlaceable(value));
  if (bad !== undefined) throw new RangeError(`a ${kind} axis has no place for ${bad}`);
  const marks = ticks?.toSorted((a, b) => a - b) ?? roundTicks[kind](extent(all));
  const [low, high] = apart(extent([...all, ...marks]), kind);
  const bend = kind === "log" ? Math.log10 : (value: number) => value;
  const perUnit = (pixels[1] - pixels[0]) / (bend(high) - bend(low));
  return { ticks: marks, place: (value) => pixels[0] + (bend(value) - bend(low)) * perUnit };
}

type Extent = readonly [low: number, high: number];

function extent(values: readonly number[]): Extent {
  return [Math.min(...values), Math.max(...values)];
}

/** Closer together, as a share of the larger or in all, two values are one to any picture. */
const closest = { share: 1e-9, inAll: 1e-290 } as const;

/** Around a single value there has to be some axis as well. */
function apart([low, high]: Extent, kind: ScaleInputs["kind"]): Extent {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(closest.share * largest, closest.inAll)) return [low, high];
  return kind === "log" ? [low / 2, high * 2] : [low - 1, high + 1];
}

const roundTicks = { linear: linearTicks, log: logTicks } as const;

/** About five steps of 1, 2, 2.5 or 5 times a power of ten, around the values. */
function linearTicks(values: Extent): readonly number[] {
  const [low, high] = apart(values, "linear");
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    // Without rounding, three times 0.1 is 0.30000000000000004.
    Number(((first + index) * step).toPrecision(12)),
  );
}

const mostLogTicks = 8;

/** 1, 2 and 5 times powers of ten around the values; over many decades, powers of ten alone. */
function logTicks(values: Extent): readonly number[] {
  const [low, high] = apart(values, "log");
  const fine = logCandidates([low, high], [1, 2, 5]);
  if (fine.length <= mostLogTicks) return fine;
  const decades = logCandidates([low, high], [1]);
  const every = Math.ceil(decades.length / mostLogTicks);
  return decades.filter((_, index) => index % every === 0);
}

function logCandidates([low, high]: Extent, factors: readonly number[]): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap(
    (exponent) => factors.map((factor) => Number(`${factor}e${exponent}`)),
  );
  const from = all.findLastIndex((value) => value <= low);
  const to = all.findIndex((value) => value >= high);
  return all.slice(Math.max(0, from), to + 1);
}
