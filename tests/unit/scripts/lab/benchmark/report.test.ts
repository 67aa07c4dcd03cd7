import type { ExperimentResult } from "../../../../../scripts/lab/benchmark/experiment-result.ts";
import { experimentChart } from "../../../../../scripts/lab/benchmark/report-charts.ts";
import { benchmarkCsv } from "../../../../../scripts/lab/benchmark/report-csv.ts";
import { benchmarkMarkdown } from "../../../../../scripts/lab/benchmark/report-markdown.ts";
import { someMachine } from "../../../../helpers/machine.ts";

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
      { promise: "fast is fast", isKept: true, measured: "6 ms" },
      { promise: "slow is fast", isKept: false, measured: "600 ms" },
    ],
    notes: ["A note."],
  },
};

const report = (results: readonly ExperimentResult[]) =>
  benchmarkMarkdown({
    machine: someMachine,
    engineName: "llama-cli",
    modelName: "golden.gguf",
    rounds: 2,
    results,
    charts: new Map([["speed", "benchmarks/speed.svg"]]),
    csv: "benchmarks.csv",
  });

describe("the benchmark report", () => {
  it("tells machine, engine, model and rounds", () => {
    const text = report([measured]);

    expect(text).toContain("commit 0123456789; AMD EPYC, 2 cores");
    expect(text).toContain("Engine: llama-cli. Model: golden.gguf. 2 rounds, 1.5 minutes in all.");
  });

  it("shows medians with spread and ratios to the first row, and no column without figures", () => {
    const lines = report([measured]).split("\n");

    expect(lines).toContain("| | whole answer, ms | ratio | peak memory, MiB | ratio |");
    expect(lines).toContain("| fast | 6.00 (4.40 to 7.60) | | – | |");
    expect(lines).toContain(
      "| slow, with a comma | 600 (440 to 760) | 100.00 (100.00 to 100.00) | 55.5 (55.5 to 55.5) | |",
    );
  });

  it("says first which promises were kept and which were not", () => {
    const text = report([measured]);

    expect(text.indexOf("What was promised")).toBeLessThan(text.indexOf("Fast and slow"));
    expect(text).toContain("| fast is fast | kept | 6 ms |");
    expect(text).toContain("| slow is fast | **not kept** | 600 ms |");
  });

  it("says of what was not measured, or failed, why", () => {
    const { experiment } = measured;
    const text = report([
      { experiment, seconds: 0, findings: undefined, obstacle: "it has one thread" },
      { experiment, seconds: 1, findings: undefined, failure: "no such engine" },
    ]);

    expect(text).toContain("Not measured here: it has one thread.");
    expect(text).toContain("**Failed:** no such engine");
    expect(text).not.toContain("What was promised");
  });

  it("keeps every single figure as CSV", () => {
    const lines = benchmarkCsv([measured]).split("\n");

    expect(lines[0]).toBe("experiment,part,alternative,round,figure,value");
    expect(lines).toContain("speed,10 tokens,fast,2,total_ms,8.000");
    expect(lines).toContain('speed,10 tokens,"slow, with a comma",1,peak_mib,55.550');
    expect(lines).toHaveLength(8);
  });

  it("draws the first figure of what was measured", () => {
    const chart = experimentChart(measured, "on this machine");

    expect(chart).toContain("Fast and slow");
    expect(chart).toContain(">on this machine<");
    expect(chart).toContain("10 tokens: fast");
    expect(experimentChart({ ...measured, findings: undefined })).toBeUndefined();
  });

  it("draws amounts as a line", () => {
    const [comparison] = measured.findings?.comparisons ?? [];
    const amounts = { what: "threads", values: [1, 2] };
    const comparisons = comparison === undefined ? [] : [{ ...comparison, amounts }];

    const chart = experimentChart({ ...measured, findings: { comparisons } });

    expect(chart).toContain(">threads<");
    expect(chart).toContain("slow, with a comma 600 (440 to 760)");
  });
});
