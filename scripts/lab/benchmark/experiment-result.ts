import type { Experiment, Findings } from "./experiment.ts";

/** What became of an experiment. */
export interface ExperimentResult {
  readonly experiment: Pick<Experiment, "id" | "title" | "about">;
  readonly seconds: number;
  /** `undefined` when it was not run, or failed. */
  readonly findings: Findings | undefined;
  /** Why it was not run. */
  readonly obstacle?: string | undefined;
  /** Why it failed. */
  readonly failure?: string | undefined;
}
