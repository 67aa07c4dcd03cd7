import type { Bench } from "./bench.ts";
import type { Experiment, ExperimentResult } from "./experiment.ts";
import { comparisonTable } from "./report-markdown.ts";

/** Runs an experiment; a failure is its result, so that the others can run. */
export async function runExperiment(
  experiment: Experiment,
  bench: Bench,
): Promise<ExperimentResult> {
  const obstacle = experiment.obstacle?.(bench);
  if (obstacle !== undefined) return { experiment, seconds: 0, findings: undefined, obstacle };
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    const findings = await experiment.run(bench);
    return { experiment, seconds: seconds(), findings };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { experiment, seconds: seconds(), findings: undefined, failure };
  }
}

/** A result for the terminal. */
export function resultLines(result: ExperimentResult): string[] {
  const { seconds, findings, obstacle, failure } = result;
  return [
    ...(obstacle === undefined ? [] : [`not measured: ${obstacle}`]),
    ...(failure === undefined ? [] : [`FAILED: ${failure}`]),
    ...(findings?.comparisons ?? []).flatMap(comparisonTable),
    ...(findings?.notes ?? []),
    ...(seconds > 0 ? [`(${seconds.toFixed(0)} s)`] : []),
  ];
}
