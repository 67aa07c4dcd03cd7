import { quantile, type Spread, spreadOf } from "../statistics.ts";
import type { Case } from "./benchmark-plan.ts";
import { enoughSamples } from "./benchmark-settings.ts";
import type { ErrorKind, Sample } from "./sample.ts";

/** The figures of a case, from its samples without an error. */
export interface CaseSummary extends Case {
  readonly count: number;
  readonly tokensMade: Spread;
  readonly initMs: Spread | undefined;
  readonly restoreMs: Spread | undefined;
  readonly durationMs: Spread;
  /** Init or restore, and duration: what a caller waits for. */
  readonly wholeMs: Spread;
  readonly billedMs: Spread;
  /** 95th percentile; `undefined` below {@link enoughSamples}. */
  readonly billedP95Ms: number | undefined;
  readonly firstTokenMs: Spread | undefined;
  readonly tokensPerSecond: Spread | undefined;
  readonly mostMemoryUsedMiB: number | undefined;
  /** Of all samples together; `undefined` without a token. */
  readonly usdPerThousandTokens: number | undefined;
  /** Tokens per second from the start of the environment to the end of the answer. */
  readonly overallTokensPerSecond: number;
}

/** The summary of a case; `undefined` without a sample that counts. */
export function summarize(one: Case, samples: readonly Sample[]): CaseSummary | undefined {
  const good = samples.filter((sample) => sample.error === undefined && isOf(one, sample));
  if (good.length === 0) return undefined;
  const values = (name: keyof Sample) =>
    good.map((sample) => sample[name]).filter((value) => typeof value === "number");
  const sum = (name: keyof Sample) => values(name).reduce((total, value) => total + value, 0);
  const spread = (name: keyof Sample) => {
    const known = values(name);
    return known.length === 0 ? undefined : spreadOf(known);
  };
  const billed = values("billedMs");
  const memory = values("memoryUsedMiB");
  const tokens = sum("tokensMade");
  const whole = good.map(
    ({ initMs = 0, restoreMs = 0, durationMs = 0 }) => initMs + restoreMs + durationMs,
  );
  return {
    ...one,
    count: good.length,
    tokensMade: spreadOf(values("tokensMade")),
    initMs: spread("initMs"),
    restoreMs: spread("restoreMs"),
    durationMs: spreadOf(values("durationMs")),
    wholeMs: spreadOf(whole),
    billedMs: spreadOf(billed),
    billedP95Ms: good.length < enoughSamples ? undefined : quantile(billed, 0.95),
    firstTokenMs: spread("firstTokenMs"),
    tokensPerSecond: spread("tokensPerSecond"),
    mostMemoryUsedMiB: memory.length === 0 ? undefined : Math.max(...memory),
    usdPerThousandTokens: tokens === 0 ? undefined : (1000 * sum("costUsd")) / tokens,
    overallTokensPerSecond: (1000 * tokens) / whole.reduce((total, ms) => total + ms, 0),
  };
}

/** Failed and dropped invocations of a case, by kind. */
export function errorCounts(one: Case, samples: readonly Sample[]): ReadonlyMap<ErrorKind, number> {
  const counts = new Map<ErrorKind, number>();
  for (const sample of samples) {
    if (sample.error === undefined || !isOf(one, sample)) continue;
    counts.set(sample.error, (counts.get(sample.error) ?? 0) + 1);
  }
  return counts;
}

function isOf(one: Case, sample: Sample): boolean {
  return (["memoryMiB", "engine", "start", "tokensAsked"] as const).every(
    (name) => one[name] === sample[name],
  );
}
