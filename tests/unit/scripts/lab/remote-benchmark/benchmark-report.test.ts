import {
  type BenchmarkReport,
  benchmarkReport,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-report.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import type { Sample } from "../../../../../scripts/lab/remote-benchmark/sample.ts";
import { benchmarkSample, failedSample } from "./benchmark-samples.ts";

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
    budget: { limitUsd: 5, spentUsd: 0.5, assumedUsd: 0 },
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
    const report = reportOf([...warm, failedSample("throttle")]);

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
        "| spent | 0.5000 USD by Lambda's reports and list prices; budget 5 USD |",
      ].join("\n"),
    );
  });

  it("marks one row as both where it is both", () => {
    const samples = warm.map((sample) =>
      sample.memoryMiB === 3008 ? { ...sample, costUsd: 0.00001 } : sample,
    );

    const report = reportOf(samples);

    expect(lineWith(report, "| 10 | 3008")).toMatch(/\| \*\*cheapest\*\*, \*\*fastest\*\* \|$/);
    expect(lineWith(report, "| 10 | 1769")).toMatch(/\| \|$/);
  });

  it("marks nothing where there is no choice", () => {
    const report = reportOf(warm.filter(({ memoryMiB }) => memoryMiB === 1769));

    expect(report).not.toMatch(/\*\*(cheapest|fastest)\*\*/);
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
        "| warm | 10 | 1769 | llama-cli | `not-warm` | 1 | dropped: should have been warm and was not |",
        "| warm | 10 | 1769 | llama-cli | `timeout` | 2 | cut off by the function's time limit |",
      ].join("\n"),
    );
    expect(clean).toContain("No call failed and none was dropped.");
  });

  it.each<[string, Partial<BenchmarkReport>, string]>([
    [
      "a quick run",
      { settings: { ...settings, isQuick: true } },
      "**A quick run (`QUICK=1`): too few",
    ],
    [
      "an early stop",
      { ending: "budget" },
      "**It stopped early, before a call that could have exceeded",
    ],
    ["an interruption", { ending: "interrupted" }, "**It was interrupted.**"],
    ["a failure", { ending: "failed" }, "**It ended with an error.**"],
    [
      "a setup that was given up",
      { givenUp: [{ memoryMiB: 1769, engine: "llama-server" }] },
      "**llama-server with 1769 MB was given up after repeated failures.**",
    ],
    [
      "another region",
      { config: { ...config, region: "eu-west-1" } },
      "list prices of us-east-1, not of eu-west-1",
    ],
    [
      "SnapStart",
      { config: { ...config, snapStart: true } },
      "SnapStart's charges for cached snapshots and for restores are not included.",
    ],
    [
      "calls of unknown cost",
      { budget: { limitUsd: 5, spentUsd: 0.5, assumedUsd: 0.1 } },
      "0.4000 USD by Lambda's reports and list prices, and at most 0.1000 for calls without a report",
    ],
    ["an unknown image", { imageDigests: new Set<string>() }, "| image | unknown |"],
  ])("mentions %s, and only then", (_, changes, expected) => {
    expect(reportOf(warm, changes)).toContain(expected);
    expect(reportOf(warm)).not.toContain(expected);
  });

  it("says when there is no good sample at all", () => {
    expect(reportOf([failedSample("status")])).toContain("**No call gave a sample.**");
  });
});
