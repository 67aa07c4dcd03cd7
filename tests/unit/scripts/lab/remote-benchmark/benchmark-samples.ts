import type { Sample } from "../../../../../scripts/lab/remote-benchmark/sample.ts";
import type { InvocationReport } from "../../../../../scripts/remote/invocation-report.ts";

/** What differs from a good warm sample. */
interface SampleChanges
  extends Partial<Omit<Sample, "report">>,
    Partial<Pick<InvocationReport, "initMs" | "durationMs" | "billedMs">> {
  readonly tokensPerSecond?: number;
}

/** A good warm sample with round figures. */
export function benchmarkSample({
  initMs,
  durationMs = 1000,
  billedMs = 1000,
  tokensPerSecond = 12.5,
  ...changes
}: SampleChanges = {}): Sample {
  const report = { durationMs, billedMs, memoryMiB: 1769, memoryUsedMiB: 1200, initMs };
  return {
    memoryMiB: 1769,
    engine: "llama-cli",
    start: "warm",
    tokensAsked: 10,
    architecture: "x86_64",
    version: "8",
    call: 2,
    report: { ...report, restoreMs: undefined, billedRestoreMs: undefined },
    answer: {
      model: "made-up",
      tokens_predicted: 10,
      timings: { total_ms: 990, first_token_ms: 200, predicted_per_second: tokensPerSecond },
    },
    costUsd: 0.00002,
    error: undefined,
    detail: "",
    ...changes,
  };
}

/** A call that failed without a report. */
export function failedSample(error: Sample["error"], changes: SampleChanges = {}): Sample {
  const sample = benchmarkSample({ error, costUsd: undefined, answer: undefined, ...changes });
  return { ...sample, report: undefined };
}
