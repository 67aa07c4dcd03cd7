import { UserError } from "../../../model/user-error.ts";
import { experiments } from "./experiments.ts";

/** What `make bench` can be told. */
export interface BenchmarkSettings {
  /** Rounds of each experiment; some take more, where a round takes milliseconds. */
  readonly rounds: number;
  /** The experiments to run, in the order of the report. */
  readonly only: readonly string[];
  /** Where the report goes; `undefined`: it is printed, and nothing is written. */
  readonly outFolder: string | undefined;
}

/** Fewer say nothing about the spread. */
const fewestRounds = 5;
const mostRounds = 1000;
const defaultRounds = 20;

/**
 * ROUNDS, ONLY (ids of experiments, by commas) and OUT. A part of the experiments is no report:
 * without OUT it is only printed.
 *
 * @throws UserError that lists every problem
 */
export function parseBenchmarkSettings(
  environment: Readonly<Record<string, string | undefined>>,
): BenchmarkSettings {
  const ids = experiments.map(({ id }) => id);
  const rounds = Number(environment.ROUNDS || defaultRounds);
  const only = (environment.ONLY || ids.join(",")).split(",").map((id) => id.trim());
  const unknown = only.filter((id) => !ids.includes(id));
  const problems = [
    Number.isInteger(rounds) && rounds >= fewestRounds && rounds <= mostRounds
      ? []
      : [`ROUNDS=${environment.ROUNDS}: a whole number from ${fewestRounds} to ${mostRounds}`],
    unknown.length === 0
      ? []
      : [
          `ONLY=${environment.ONLY}: there is no ${unknown.join(", ")}; there are ${ids.join(", ")}`,
        ],
  ].flat();
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  const isWhole = ids.every((id) => only.includes(id));
  return { rounds, only, outFolder: environment.OUT || (isWhole ? "docs" : undefined) };
}
