import { barChart } from "../charts/bar-chart.ts";
import { lineChart } from "../charts/line-chart.ts";
import type { Spread } from "../statistics.ts";
import { measuredRows } from "./comparison.ts";
import type { Comparison, FigureColumn } from "./experiment.ts";
import type { ExperimentResult } from "./experiment-result.ts";
import { figureText } from "./report-markdown.ts";

/** An experiment's first figure with its spread; `undefined` when nothing was measured. */
export function experimentChart({ experiment, findings }: ExperimentResult): string | undefined {
  const comparisons = findings?.comparisons ?? [];
  const [first] = comparisons;
  const column = first?.columns[0];
  if (first === undefined || column === undefined) return undefined;
  const { title } = experiment;
  if (first.amounts !== undefined) return amountsChart(title, first, column);
  return barsChart(title, comparisons, column);
}

function barsChart(
  title: string,
  comparisons: readonly Comparison[],
  column: FigureColumn,
): string {
  const bars = comparisons.flatMap((comparison) =>
    measuredRows(comparison, column.figure).map(({ alternative, spread }) => ({
      ...spread,
      ...(comparison.title === undefined
        ? { label: alternative }
        : { label: `${comparison.title}: ${alternative}`, group: alternative }),
    })),
  );
  const unit = `${column.label}, ${column.unit}`;
  return barChart({ title, description: describe(bars, unit), unit, bars, digits: 1 });
}

/** One line over the amounts that the alternatives are. */
function amountsChart(title: string, comparison: Comparison, column: FigureColumn): string {
  const { what = "", values = [] } = comparison.amounts ?? {};
  const rows = measuredRows(comparison, column.figure);
  const points = rows.map(({ spread }, at) => ({ x: values[at] ?? at, ...spread }));
  const bars = rows.map(({ alternative, spread }) => ({ label: alternative, ...spread }));
  const unit = `${column.label}, ${column.unit}`;
  return lineChart({
    title,
    description: describe(bars, unit),
    x: { label: what, ticks: values },
    y: { label: unit },
    lines: [{ label: "measured", points }],
  });
}

function describe(bars: readonly ({ readonly label: string } & Spread)[], unit: string): string {
  return `${unit}: ${bars.map(({ label, ...spread }) => `${label} ${figureText(spread)}`).join("; ")}`;
}
