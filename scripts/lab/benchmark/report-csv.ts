import type { ExperimentResult } from "./experiment-result.ts";

/** Every figure of every trial, one a line. */
export function benchmarkCsv(results: readonly ExperimentResult[]): string {
  const lines = results.flatMap(({ experiment, findings }) =>
    (findings?.comparisons ?? []).flatMap(({ title = "", trials }) =>
      trials.flatMap(({ alternative, round, figures }) =>
        Object.entries(figures).map(([figure, value]) =>
          [experiment.id, title, alternative, round, figure, value.toFixed(3)].map(cell).join(","),
        ),
      ),
    ),
  );
  return `${["experiment,part,alternative,round,figure,value", ...lines].join("\n")}\n`;
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
