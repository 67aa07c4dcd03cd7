import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExperimentResult } from "../../../../../scripts/lab/benchmark/experiment.ts";
import { writeReport } from "../../../../../scripts/lab/benchmark/report.ts";
import { someMachine } from "../../../../helpers/machine.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const measured: ExperimentResult = {
  experiment: { id: "speed", title: "Fast and slow", about: "How fast." },
  seconds: 90,
  findings: {
    comparisons: [
      {
        title: "10 tokens",
        names: ["fast", "slow, with a comma"],
        columns: [
          { figure: "total_ms", label: "whole answer", unit: "ms" },
          { figure: "peak_mib", label: "peak memory", unit: "MiB" },
          { figure: "never", label: "never measured", unit: "ms" },
        ],
        trials: [1, 2].flatMap((round) => [
          { alternative: "fast", round, figures: { total_ms: 4 * round } },
          {
            alternative: "slow, with a comma",
            round,
            figures: { total_ms: 400 * round, peak_mib: 55.55 },
          },
        ]),
      },
    ],
    limits: [
      { limit: "fast is fast", isMet: true, measured: "6 ms" },
      { limit: "slow is fast", isMet: false, measured: "600 ms" },
    ],
    notes: ["A note."],
  },
};

const folder = temporaryFolder();

/** Writes a report, and reads it. */
function report(results: readonly ExperimentResult[], isRawKept = false): string {
  const run = { machine: someMachine, engineName: "llama-cli", modelName: "golden.gguf" };
  return readFileSync(writeReport({ ...run, rounds: 2, results }, folder, isRawKept), "utf8");
}

const readBeside = (name: string) => readFileSync(join(folder, name), "utf8");

describe("the benchmark report", () => {
  it("names the machine and what was measured, then limits, then medians, spread and ratios", () => {
    const text = report([measured]);

    expect(text).toContain(
      "2026-11-25, commit 0123456789; AMD EPYC, 2 cores, 23 GiB of memory, linux 6.1.0, x64, Node.js v20.11.0; load 0.1 at the start.",
    );
    expect(text).toContain("Engine: llama-cli. Model: golden.gguf. 2 rounds, 1.5 minutes in all.");
    expect(text).toContain(
      "| Fast and slow: 10 tokens | whole answer, ms | fast: 6.00 · slow, with a comma: 600 (100.00 times) |",
    );
    expect(text).toContain(
      [
        "| fast is fast | met | 6 ms |",
        "| slow is fast | **not met** | 600 ms |",
        "",
        "## Fast and slow",
        "",
        "How fast.",
        "",
        "**10 tokens**",
        "",
        "| | whole answer, ms | ratio | peak memory, MiB | ratio |",
        "|---|---|---|---|---|",
        "| fast | 6.00 (4.40 to 7.60) | | – | |",
        "| slow, with a comma | 600 (440 to 760) | 100.00 (100.00 to 100.00) | 55.5 (55.5 to 55.5) | |",
        "",
        "A note.",
        "",
        "![Fast and slow](benchmarks/speed.svg)",
      ].join("\n"),
    );
  });

  it("says why something was not measured, or failed", () => {
    const { experiment } = measured;
    const text = report([
      { experiment, seconds: 0, findings: undefined, obstacle: "it has one thread" },
      { experiment, seconds: 1, findings: undefined, failure: "no such engine" },
    ]);

    expect(text).toContain("Not measured here: it has one thread.");
    expect(text).toContain("**Failed:** no such engine");
    expect(text).not.toContain("## Limits");
  });

  it("keeps every single figure only when asked for", () => {
    report([measured]);
    expect(readdirSync(folder)).toEqual(["benchmarks", "benchmarks.md"]);

    report([measured], true);

    const raw = JSON.parse(readBeside("benchmarks.raw.json"));
    const fast = { experiment: "speed", table: "10 tokens", alternative: "fast" };
    expect(raw).toHaveLength(4);
    expect(raw[0]).toEqual({ ...fast, round: 1, figures: { total_ms: 4 } });
  });

  it("draws the first figure of what was measured", () => {
    report([measured]);
    const bars = readBeside("benchmarks/speed.svg");

    expect(bars).toContain("Fast and slow");
    expect(bars).toContain(">2026-11-25, AMD EPYC, 2 cores; llama-cli, golden.gguf; 2 rounds<");
    expect(bars).toContain("10 tokens: fast");
    expect(bars).toContain("slow, with a comma 600 (440 to 760)");
  });
});
