import type { Sample } from "../../../../../scripts/lab/remote-benchmark/sample.ts";

/** A good warm sample with figures that are easy to reckon with, and what shall be otherwise. */
export function benchmarkSample(changes: Partial<Sample> = {}): Sample {
  return {
    memoryMiB: 1769,
    engine: "llama-cli",
    start: "warm",
    tokensAsked: 10,
    architecture: "x86_64",
    version: "8",
    call: 2,
    tokensMade: 10,
    initMs: undefined,
    restoreMs: undefined,
    durationMs: 1000,
    billedMs: 1000,
    memoryUsedMiB: 1200,
    totalMs: 990,
    firstTokenMs: 200,
    tokensPerSecond: 12.5,
    costUsd: 0.00002,
    model: "made-up",
    error: undefined,
    detail: "",
    ...changes,
  };
}

/** A call that failed: nothing of it is known. */
export function failedSample(error: Sample["error"], changes: Partial<Sample> = {}): Sample {
  return benchmarkSample({
    tokensMade: undefined,
    durationMs: undefined,
    billedMs: undefined,
    memoryUsedMiB: undefined,
    totalMs: undefined,
    firstTokenMs: undefined,
    tokensPerSecond: undefined,
    costUsd: undefined,
    model: undefined,
    error,
    ...changes,
  });
}
