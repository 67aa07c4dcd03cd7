import type { InvocationReport } from "../../remote/invocation-report.ts";
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
  readonly durationMs: Spread | undefined;
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
  const values = (read: (sample: Sample) => number | null | undefined) =>
    good.map(read).filter((value) => typeof value === "number");
  const spread = (read: Parameters<typeof values>[0]) => {
    const known = values(read);
    return known.length === 0 ? undefined : spreadOf(known);
  };
  const tokensMade = values(({ answer }) => answer?.tokens_predicted);
  const billed = values(({ report }) => report?.billedMs);
  const whole = values(({ report }) => report && wholeMs(report));
  const tokens = sum(tokensMade);
  return {
    ...one,
    count: good.length,
    tokensMade: spreadOf(tokensMade),
    initMs: spread(({ report }) => report?.initMs),
    restoreMs: spread(({ report }) => report?.restoreMs),
    durationMs: spread(({ report }) => report?.durationMs),
    wholeMs: spreadOf(whole),
    billedMs: spreadOf(billed),
    billedP95Ms: good.length < enoughSamples ? undefined : quantile(billed, 0.95),
    firstTokenMs: spread(({ answer }) => answer?.timings.first_token_ms),
    tokensPerSecond: spread(({ answer }) => answer?.timings.predicted_per_second),
    mostMemoryUsedMiB: values(({ report }) => report?.memoryUsedMiB).toSorted((a, b) => b - a)[0],
    usdPerThousandTokens:
      tokens === 0 ? undefined : (1000 * sum(values(({ costUsd }) => costUsd))) / tokens,
    overallTokensPerSecond: (1000 * tokens) / sum(whole),
  };
}

function wholeMs({ initMs = 0, restoreMs = 0, durationMs }: InvocationReport): number {
  return initMs + restoreMs + durationMs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
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
