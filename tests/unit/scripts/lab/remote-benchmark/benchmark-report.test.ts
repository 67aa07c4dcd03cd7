import {
  type BenchmarkReport,
  benchmarkReport,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-report.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import type { Sample } from "../../../../../scripts/lab/remote-benchmark/measured-call.ts";
import { stackConfig } from "../../../../helpers/stack-config.ts";

/** A good warm call that took a second; `billedMs` and `initMs` are its report's. */
function sampleOf({
  billedMs = 1000,
  initMs,
  ...changes
}: Partial<Sample> & { billedMs?: number; initMs?: number } = {}): Sample {
  const report = { durationMs: billedMs - 0.5, billedMs, memoryMiB: 1769, memoryUsedMiB: 1200 };
  return {
    memoryMiB: 1769,
    engine: "llama-cli",
    start: "warm",
    tokensAsked: 10,
    version: "8",
    report: { ...report, initMs, restoreMs: undefined, billedRestoreMs: undefined },
    answer: {
      model: "made-up",
      tokens_predicted: 10,
      timings: { total_ms: 990, first_token_ms: null, predicted_per_second: 12.5 },
    },
    costUsd: 0.00002,
    detail: "",
    ...changes,
  };
}

/** Twenty warm calls, of 1,000 to 1,019 ms. */
const warm = Array.from({ length: 20 }, (_, index) => sampleOf({ billedMs: 1000 + index }));
const failed = sampleOf({ report: undefined, costUsd: 0.005, error: "time limit", start: "cold" });

const settings = parseBenchmarkSettings({
  MEMORY_SIZES: "1769,3008",
  ENGINES: "llama-cli",
  TOKENS: "10",
  COLD_SAMPLES: "2",
});

function reportOf(changes: Partial<BenchmarkReport> = {}): string {
  return benchmarkReport({
    settings,
    config: stackConfig(),
    date: "2026-11-25",
    commit: "0123456789",
    imageDigests: new Set(["sha256:ab"]),
    samples: warm,
    ending: "whole",
    ...changes,
  });
}

describe("benchmarkReport", () => {
  it("has the run, medians, percentiles and costs; failed and dropped calls count in none", () => {
    const report = reportOf({
      samples: [
        ...warm,
        sampleOf({ billedMs: 99_000, costUsd: 1, error: "not warm" }),
        sampleOf({ start: "cold", initMs: 600 }),
        sampleOf({ start: "cold", initMs: 800 }),
        failed,
        failed,
        { ...failed, memoryMiB: 3008, error: "throttled", costUsd: 0 },
      ],
    });

    // Of 1,000 to 1,019: median 1,009.5, 10th 1,001.9, 90th 1,017.1, 95th 1,018.05.
    const head =
      "| tokens | memory, MB | engine | samples | tokens made | start, ms | duration, ms | billed, ms | billed p95 | first token, ms | tokens/s | memory used, MB | USD per 1,000 tokens | failed or dropped |";
    const line = `|${"---|".repeat(14)}`;
    expect(report.slice(0, report.indexOf("## Method"))).toBe(
      [
        "# Benchmarks on AWS Lambda\n",
        "Written by `make benchmark-remote`.\n",
        "- 2026-11-25, commit 0123456789; us-east-1, x86_64, time limit 300 s, SnapStart off",
        "- image sha256:ab; model made-up",
        "- 26 calls, of which 4 failed or were dropped; 20 warm and 2 cold ones were requested for each row",
        "- spent 1.0104 USD by Lambda's reports and list prices, of which at most 0.0100 for calls without a report; budget 5 USD\n",
        "## Warm: the environment has answered before\n",
        head,
        line,
        "| 10 | 1769 | llama-cli | 20 of 20 | 10 | – | 1009 (1001 to 1017) | 1010 (1002 to 1017) | 1018 | – | 12.5 | 1200 | 0.00200 | 1 not warm |",
        `| 10 | 3008 | llama-cli | 0 of 20 |${" – |".repeat(9)} |\n`,
        "## Cold: the first call of a new version\n",
        head,
        line,
        "| 10 | 1769 | llama-cli | 2 of 2 | 10 | 700 (620 to 780) | 1000 | 1000 | – | – | 12.5 | 1200 | 0.00200 | 2 time limit |",
        `| 10 | 3008 | llama-cli | 0 of 2 |${" – |".repeat(9)} 1 throttled |\n\n`,
      ].join("\n"),
    );
  });

  it.each<[Partial<BenchmarkReport>, string]>([
    [{ settings: { ...settings, QUICK: true } }, "**A quick run (`QUICK=1`): too few"],
    [{ ending: "stopped" }, "**It stopped early, before a call that could have exceeded"],
    [{ ending: "interrupted" }, "**It was interrupted.**"],
    [{ ending: "failed" }, "**It ended with an error.**"],
    [{ config: stackConfig({ AWS_REGION: "eu-west-1" }) }, "us-east-1, not of eu-west-1"],
    [
      { config: stackConfig({ LAMBDA_SNAPSTART: "1" }) },
      "SnapStart's charges for cached snapshots",
    ],
    [{ samples: [] }, "model unknown"],
  ])("mentions %j, and only then", (changes, expected) => {
    expect(reportOf(changes)).toContain(expected);
    expect(reportOf()).not.toContain(expected);
  });
});
