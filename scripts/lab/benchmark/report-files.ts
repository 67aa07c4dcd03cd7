import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExperimentResult } from "./experiment.ts";
import { chartSource, experimentChart } from "./report-charts.ts";
import { type BenchmarkReport, benchmarkMarkdown } from "./report-markdown.ts";

/** Where the report goes. */
interface ReportOptions {
  readonly folder: string;
  /** Also write every single figure, as JSON. */
  readonly isRawKept: boolean;
}

/** Writes `benchmarks.md` and its charts; returns the report's path. */
export function writeReport(
  report: Omit<BenchmarkReport, "charts">,
  { folder, isRawKept }: ReportOptions,
): string {
  mkdirSync(join(folder, "benchmarks"), { recursive: true });
  const charts = new Map<string, string>();
  for (const result of report.results) {
    const chart = experimentChart(result, chartSource(report));
    if (chart === undefined) continue;
    const path = `benchmarks/${result.experiment.id}.svg`;
    writeFileSync(join(folder, path), chart);
    charts.set(result.experiment.id, path);
  }
  if (isRawKept) writeFileSync(join(folder, "benchmarks.raw.json"), rawText(report.results));
  const path = join(folder, "benchmarks.md");
  writeFileSync(path, benchmarkMarkdown({ ...report, charts }));
  return path;
}

/** Every trial of every experiment. */
function rawText(results: readonly ExperimentResult[]): string {
  const trials = results.flatMap(({ experiment, findings }) =>
    (findings?.comparisons ?? []).flatMap(({ title, trials: ofTable }) =>
      ofTable.map((trial) => ({ experiment: experiment.id, table: title, ...trial })),
    ),
  );
  return `${JSON.stringify(trials, null, 1)}\n`;
}
