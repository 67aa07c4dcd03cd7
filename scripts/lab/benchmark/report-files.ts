import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChartTexts } from "../charts/chart-svg.ts";
import { barChartSvg, lineChartSvg } from "../charts/charts.ts";
import { meaningOf } from "../charts/palette.ts";
import type { Spread } from "../statistics.ts";
import { compare } from "./comparison.ts";
import type { Comparison, ExperimentResult, FigureColumn } from "./experiment.ts";
import {
  type BenchmarkReport,
  benchmarkMarkdown,
  figureText,
  unitText,
} from "./report-markdown.ts";

/**
 * Writes `benchmarks.md` and its charts; returns the report's path.
 *
 * @param isRawKept also write every single figure, as JSON
 */
export function writeReport(
  report: Omit<BenchmarkReport, "charts">,
  folder: string,
  isRawKept: boolean,
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

/** The line below each chart of a report: when, where and with what it was measured. */
function chartSource(report: Omit<BenchmarkReport, "charts">): string {
  const { machine, engineName, modelName, rounds } = report;
  const { date, processor, cores } = machine;
  return `${date}, ${processor}, ${cores} cores; ${engineName}, ${modelName}; ${rounds} rounds`;
}

/**
 * The chart of an experiment's first figure with its spread; `undefined` when nothing was measured.
 *
 * @param source line below the chart; default: none
 */
export function experimentChart(
  { experiment, findings }: ExperimentResult,
  source = "",
): string | undefined {
  const comparisons = findings?.comparisons ?? [];
  const [first] = comparisons;
  const column = first?.columns[0];
  if (first === undefined || column === undefined) return undefined;
  const { title } = experiment;
  if (first.amounts !== undefined) return amountsChart({ title, source }, first, column);
  return barsChart({ title, source }, comparisons, column);
}

/** The words of a chart that do not depend on its figures. */
type Words = Pick<ChartTexts, "title" | "source">;

function barsChart(words: Words, comparisons: readonly Comparison[], column: FigureColumn): string {
  const bars = comparisons.flatMap((comparison) =>
    compare(comparison, column.figure).map(({ alternative, spread }) => ({
      ...spread,
      label: alternative,
      group: comparison.title,
      meaning: meaningOf(alternative),
    })),
  );
  const unit = unitText(column);
  return barChartSvg({ ...words, description: describe(bars, unit), unit, bars });
}

/** One line over the amounts that the alternatives are. */
function amountsChart(words: Words, comparison: Comparison, column: FigureColumn): string {
  const { what = "", values = [] } = comparison.amounts ?? {};
  const rows = compare(comparison, column.figure);
  const bars = rows.map(({ alternative, spread }) => ({ label: alternative, ...spread }));
  const unit = unitText(column);
  return lineChartSvg({
    ...words,
    description: describe(bars, unit),
    x: { label: what, ticks: values },
    y: { label: unit },
    lines: [
      {
        label: "measured",
        points: rows.map(({ spread }, at) => ({ x: values[at] ?? at, ...spread })),
      },
    ],
  });
}

/** All figures in words. */
function describe(
  bars: readonly (Spread & { readonly label: string; readonly group?: string | undefined })[],
  unit: string,
): string {
  const texts = bars.map((bar) => {
    const name = bar.group === undefined ? bar.label : `${bar.group}: ${bar.label}`;
    return `${name} ${figureText(bar)}`;
  });
  return `${unit}: ${texts.join("; ")}`;
}
