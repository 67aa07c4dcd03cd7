import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markdownTable } from "../../cli/markdown-table.ts";
import { barChartSvg } from "../charts/charts.ts";
import { meaningOf } from "../charts/palette.ts";
import { type Machine, machineText } from "../machine.ts";
import { type Spread, spreadText } from "../statistics.ts";
import { type ComparisonRow, compare } from "./comparison.ts";
import type { Comparison, ExperimentResult, FigureColumn } from "./experiment.ts";

/** Everything that the report is made of. */
interface BenchmarkReport {
  readonly machine: Machine;
  readonly engineName: string;
  readonly modelName: string;
  readonly rounds: number;
  readonly results: readonly ExperimentResult[];
}

/**
 * Writes `benchmarks.md` and its charts; returns the report's path.
 *
 * @param isRawKept also write every single figure, as JSON
 */
export function writeReport(report: BenchmarkReport, folder: string, isRawKept: boolean): string {
  mkdirSync(join(folder, "benchmarks"), { recursive: true });
  const { machine, engineName, modelName, rounds } = report;
  const { date, processor, cores } = machine;
  const source = `${date}, ${processor}, ${cores} cores; ${engineName}, ${modelName}; ${rounds} rounds`;
  const charts = new Map<string, string>();
  for (const result of report.results) {
    const chart = experimentChart(result, source);
    if (chart === undefined) continue;
    const path = `benchmarks/${result.experiment.id}.svg`;
    writeFileSync(join(folder, path), chart);
    charts.set(result.experiment.id, path);
  }
  if (isRawKept) writeFileSync(join(folder, "benchmarks.raw.json"), rawText(report.results));
  const path = join(folder, "benchmarks.md");
  writeFileSync(path, benchmarkMarkdown(report, charts));
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

/** The chart of an experiment's first figure with its spread; `undefined` when nothing was measured. */
function experimentChart({ experiment, findings }: ExperimentResult, source: string) {
  const comparisons = findings?.comparisons ?? [];
  const column = comparisons[0]?.columns[0];
  if (column === undefined) return undefined;
  const unit = unitText(column);
  const bars = comparisons.flatMap((comparison) =>
    compare(comparison, column.figure).map(({ alternative: label, spread }) => {
      return { ...spread, label, group: comparison.title, meaning: meaningOf(label) };
    }),
  );
  const inWords = bars.map((bar) => {
    const name = bar.group === undefined ? bar.label : `${bar.group}: ${bar.label}`;
    return `${name} ${figureText(bar)}`;
  });
  const description = `${unit}: ${inWords.join("; ")}`;
  return barChartSvg({ title: experiment.title, description, source, unit, bars });
}

function benchmarkMarkdown(report: BenchmarkReport, charts: ReadonlyMap<string, string>): string {
  const { machine, engineName, modelName, rounds, results } = report;
  const minutes = results.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  return `${[
    "# Benchmarks",
    "Written by `make bench`: one run on one machine, not a guarantee.",
    `${machineText(machine)} Engine: ${engineName}. Model: ${modelName}. ${rounds} rounds, ${minutes.toFixed(1)} minutes in all.`,
    "Alternatives take turns within each round, in changing order. A figure is the median (p50), with p10 and p90 in parentheses; a ratio is the median of the rounds' own ratios to the first row, so that what slows the machine for a while slows both. TTFT is the time to the first token; TPOT is 1,000 ms divided by the decode rate.",
    ...inShort(results),
    ...limits(results),
    ...results.flatMap((result) => section(result, charts)),
  ].join("\n\n")}\n`;
}

/** `12.3 (11.9 to 13.0)`, with three significant digits or whole. */
function figureText(spread: Spread): string {
  return spreadText(spread, digitsFor(spread.median));
}

/** The first figure of everything that was measured: one row a table. */
function inShort(results: readonly ExperimentResult[]): string[] {
  const rows = results.flatMap(({ experiment, findings }) =>
    (findings?.comparisons ?? []).map((comparison) => {
      const { title, columns } = comparison;
      const [column] = columns;
      const name = title === undefined ? experiment.title : `${experiment.title}: ${title}`;
      const alternatives = column === undefined ? [] : compare(comparison, column.figure);
      const medians = alternatives.map(({ alternative, spread, ratio }) => {
        const times = ratio === undefined ? "" : ` (${ratio.median.toFixed(2)} times)`;
        return `${alternative}: ${spread.median.toFixed(digitsFor(spread.median))}${times}`;
      });
      return [name, column === undefined ? "" : unitText(column), medians.join(" · ")];
    }),
  );
  return rows.length === 0 ? [] : ["## In short", markdownTable(["", "", "p50"], rows)];
}

function limits(results: readonly ExperimentResult[]): string[] {
  const all = results.flatMap(({ findings }) => findings?.limits ?? []);
  if (all.length === 0) return [];
  const rows = all.map(({ limit, isMet, measured }) => [
    limit,
    isMet ? "met" : "**not met**",
    measured,
  ]);
  return ["## Limits", markdownTable(["limit", "", "measured"], rows)];
}

function section(result: ExperimentResult, charts: ReadonlyMap<string, string>): string[] {
  const { id, title, about } = result.experiment;
  const chart = charts.get(id);
  const image = chart === undefined ? [] : [`![${title}](${chart})`];
  return [`## ${title}`, about, ...outcome(result), ...image];
}

/** What an experiment has found, or why it has found nothing. */
export function outcome({ findings, obstacle, failure }: ExperimentResult): string[] {
  return [
    ...(obstacle === undefined ? [] : [`Not measured here: ${obstacle}.`]),
    ...(failure === undefined ? [] : [`**Failed:** ${failure}`]),
    ...(findings?.comparisons ?? []).flatMap(comparisonTable),
    ...(findings?.notes ?? []),
  ];
}

/** A title, if there is one, and a table: a row for each alternative, each figure with its ratio. */
function comparisonTable(comparison: Comparison): string[] {
  const { title, names, columns } = comparison;
  const compared = columns
    .map((column) => ({ column, rows: compare(comparison, column.figure) }))
    .filter(({ rows }) => rows.length > 0);
  const head = ["", ...compared.flatMap(({ column }) => [unitText(column), "ratio"])];
  const rows = names.map((name) => [
    name,
    ...compared.flatMap((one) => cells(one.rows.find((row) => row.alternative === name))),
  ]);
  return [...(title === undefined ? [] : [`**${title}**`]), markdownTable(head, rows)];
}

/** `whole answer, ms` */
const unitText = ({ label, unit }: FigureColumn) => `${label}, ${unit}`;

function cells(row: ComparisonRow | undefined): string[] {
  if (row === undefined) return ["–", ""];
  return [figureText(row.spread), row.ratio === undefined ? "" : spreadText(row.ratio, 2)];
}

function digitsFor(value: number): number {
  const size = Math.abs(value);
  if (size >= 100) return 0;
  return size >= 10 ? 1 : 2;
}
