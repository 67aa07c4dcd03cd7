import { barChart } from "../charts/bar-chart.ts";
import { type ComparisonRow, compare, hasFigure } from "./comparison.ts";
import type { Comparison, FigureColumn } from "./experiment.ts";
import type { ExperimentResult } from "./experiment-result.ts";
import { figureText } from "./report-markdown.ts";

/** An experiment's first figure as bars with spread; `undefined` when nothing was measured. */
export function experimentChart({ experiment, findings }: ExperimentResult): string | undefined {
  const comparisons = findings?.comparisons ?? [];
  const column = comparisons[0]?.columns[0];
  if (column === undefined) return undefined;
  const bars = comparisons.flatMap((comparison) =>
    rowsOf(comparison, column).map(({ alternative, spread }) => ({
      label: comparison.title === undefined ? alternative : `${comparison.title}: ${alternative}`,
      ...(comparison.title !== undefined && { group: alternative }),
      ...spread,
    })),
  );
  return barChart({
    title: experiment.title,
    description: bars.map(({ label, ...spread }) => `${label}: ${figureText(spread)}`).join("; "),
    unit: `${column.label}, ${column.unit}`,
    bars: bars.map(({ label, group, ...bar }) =>
      group === undefined ? { label, ...bar } : { label, group, ...bar },
    ),
    digits: 1,
  });
}

function rowsOf({ trials, names }: Comparison, { figure }: FigureColumn): ComparisonRow[] {
  const measured = names.filter((name) =>
    hasFigure(
      trials.filter(({ alternative }) => alternative === name),
      figure,
    ),
  );
  return compare(trials, figure, measured);
}
