import {
  type BenchmarkReport,
  benchmarkReport,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-report.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import type { Sample } from "../../../../../scripts/lab/remote-benchmark/sample.ts";
import type { InvocationReport } from "../../../../../scripts/remote/invocation-report.ts";

/** What differs from a good warm sample. */
interface SampleChanges
  extends Partial<Omit<Sample, "report">>,
    Partial<Pick<InvocationReport, "initMs" | "durationMs" | "billedMs">> {
  readonly tokensPerSecond?: number;
}

/** A good warm sample with round figures. */
function benchmarkSample({
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
function failedSample(error: Sample["error"], changes: SampleChanges = {}): Sample {
  const sample = benchmarkSample({ error, costUsd: undefined, answer: undefined, ...changes });
  return { ...sample, report: undefined };
}

const settings = parseBenchmarkSettings({
  MEMORY_SIZES: "1769,3008",
  ENGINES: "llama-cli",
  TOKENS: "10",
  COLD_SAMPLES: "2",
});

const config = {
  region: "us-east-1",
  architecture: "x86_64",
  timeoutSeconds: 300,
  snapStart: false,
} as const;

function reportOf(samples: readonly Sample[], changes: Partial<BenchmarkReport> = {}): string {
  return benchmarkReport({
    settings,
    config,
    date: "2026-11-25",
    commit: "0123456789",
    imageDigests: new Set(["sha256:ab"]),
    samples,
    givenUp: [],
    ending: "whole",
    ...changes,
  });
}

/** Twenty warm samples: 1,000 to 1,019 ms billed for 1,769 MB; twice as fast for 3,008 MB. */
const warm = Array.from({ length: 20 }, (_, index) => [
  benchmarkSample({ durationMs: 999.5 + index, billedMs: 1000 + index }),
  benchmarkSample({
    memoryMiB: 3008,
    durationMs: 499.5 + index,
    billedMs: 500 + index,
    tokensPerSecond: 25,
    costUsd: 0.00003,
  }),
]).flat();

const cold = [600, 800].map((initMs) =>
  benchmarkSample({ start: "cold", call: 1, initMs, billedMs: 1000 + initMs, costUsd: 0.00004 }),
);

const lineWith = (report: string, beginning: string) =>
  report.split("\n").find((line) => line.startsWith(beginning));

describe("benchmarkReport", () => {
  it("has medians, percentiles, tails and costs, the cheapest and the fastest marked", () => {
    const report = reportOf([...warm, ...cold]);

    // Of 1,000 to 1,019: median 1,009.5, 10th 1,001.9, 90th 1,017.1, 95th 1,018.05.
    expect(report).toContain(
      [
        "## Warm: the environment has answered before",
        "",
        "| tokens | memory, MB | engine | samples | tokens made | duration, ms | billed, ms | billed p95 | first token, ms | tokens/s | memory used, MB | USD per 1,000 tokens | |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
        "| 10 | 1769 | llama-cli | 20 | 10 | 1009 (1001 to 1017) | 1010 (1002 to 1017) | 1018 | 200 | 12.5 | 1200 | 0.00200 | **cheapest** |",
        "| 10 | 3008 | llama-cli | 20 | 10 | 509 (501 to 517) | 510 (502 to 517) | 518 | 200 | 25.0 | 1200 | 0.00300 | **fastest** |",
      ].join("\n"),
    );
    expect(report).toContain(
      [
        "| tokens | memory, MB | engine | samples | tokens made | init, ms | restore, ms | duration, ms | whole, ms | billed, ms | billed p95 | first token, ms | tokens/s | memory used, MB | USD per 1,000 tokens | |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
        "| 10 | 1769 | llama-cli | 2 | 10 | 700 (620 to 780) | – | 1000 | 1700 (1620 to 1780) | 1700 (1620 to 1780) | – | 200 | 12.5 | 1200 | 0.00400 | |",
        "| 10 | 3008 | llama-cli | 0 of 2 | – | – | – | – | – | – | – | – | – | – | – | |",
      ].join("\n"),
    );
  });

  it("says what was measured, and with what", () => {
    const report = reportOf([...warm, failedSample("throttle", { costUsd: 0 })]);

    expect(report).toContain(
      [
        "# Benchmarks on AWS Lambda",
        "",
        "Written by `make benchmark-remote`.",
        "",
        "| run | |",
        "|---|---|",
        "| when | 2026-11-25, commit 0123456789 |",
        "| where | us-east-1, x86_64, time limit 300 s |",
        "| image | `sha256:ab` |",
        "| model | made-up |",
        "| SnapStart | off |",
        "| calls | 41, of which 1 failed or were dropped |",
        "| samples a row | 20 warm and 2 cold requested |",
        "| spent | 0.0010 USD by Lambda's reports and list prices; budget 5 USD |",
      ].join("\n"),
    );
  });

  it("marks one row as both where it is both, and nothing where there is no choice", () => {
    const cheap = warm.map((sample) =>
      sample.memoryMiB === 3008 ? { ...sample, costUsd: 0.00001 } : sample,
    );
    const alone = warm.filter(({ memoryMiB }) => memoryMiB === 1769);

    const report = reportOf(cheap);

    expect(lineWith(report, "| 10 | 3008")).toMatch(/\| \*\*cheapest\*\*, \*\*fastest\*\* \|$/);
    expect(lineWith(report, "| 10 | 1769")).toMatch(/\| \|$/);
    expect(reportOf(alone)).not.toMatch(/\*\*(cheapest|fastest)\*\*/);
  });

  it("keeps failed and dropped calls out of the figures and counts them by kind", () => {
    const slow = { durationMs: 99_000, billedMs: 99_000, costUsd: 1 };
    const clean = reportOf(warm);

    const report = reportOf([
      ...warm,
      benchmarkSample({ ...slow, error: "not-warm" }),
      benchmarkSample({ ...slow, error: "timeout" }),
      failedSample("timeout"),
      failedSample("throttle", { start: "cold", memoryMiB: 3008 }),
    ]);

    for (const row of ["| 10 | 1769", "| 10 | 3008"]) {
      expect(lineWith(report, row)).toBe(lineWith(clean, row));
    }
    expect(report).toContain(
      [
        "## Failed and dropped calls",
        "",
        "| start | tokens | memory, MB | engine | kind | calls | |",
        "|---|---|---|---|---|---|---|",
        "| cold | 10 | 3008 | llama-cli | `throttle` | 1 | throttled by Lambda |",
        "| warm | 10 | 1769 | llama-cli | `timeout` | 2 | cut off by the function's time limit |",
        "| warm | 10 | 1769 | llama-cli | `not-warm` | 1 | dropped: should have been warm and was not |",
      ].join("\n"),
    );
    expect(clean).toContain("No call failed and none was dropped.");
  });

  it.each<[Partial<BenchmarkReport>, string]>([
    [{ settings: { ...settings, isQuick: true } }, "**A quick run (`QUICK=1`): too few"],
    [{ ending: "budget" }, "**It stopped early, before a call that could have exceeded"],
    [{ ending: "interrupted" }, "**It was interrupted.**"],
    [{ ending: "failed" }, "**It ended with an error.**"],
    [
      { givenUp: [{ memoryMiB: 1769, engine: "llama-server" }] },
      "**llama-server with 1769 MB was given up after repeated failures.**",
    ],
    [{ config: { ...config, region: "eu-west-1" } }, "prices of us-east-1, not of eu-west-1"],
    [
      { config: { ...config, snapStart: true } },
      "SnapStart's charges for cached snapshots and for restores are not included.",
    ],
    [
      { samples: [failedSample("no-answer")] },
      "0.0000 USD by Lambda's reports and list prices, and at most 0.0089 for calls without a report",
    ],
    [{ imageDigests: new Set<string>() }, "| image | unknown |"],
    [{ samples: [failedSample("status")] }, "**No call gave a sample.**"],
  ])("mentions %j, and only then", (changes, expected) => {
    expect(reportOf(warm, changes)).toContain(expected);
    expect(reportOf(warm)).not.toContain(expected);
  });
});
