import { existsSync } from "node:fs";
import * as z from "zod";
import { type Environment, readVariables } from "../../../runtime/variables.ts";
import { experiments } from "./experiments.ts";

/** The settings of `make bench`. */
export interface BenchmarkSettings {
  /** Rounds of each experiment; experiments with short rounds take more. */
  readonly rounds: number;
  /** Ids of the experiments to run. */
  readonly only: readonly string[];
  /** Folder of the report; `undefined`: it is only printed. */
  readonly outFolder: string | undefined;
  /** Whether the raw samples are written beside the report. */
  readonly isRawKept: boolean;
  /** The model with an F16 embedding; without it nothing is compared with that. */
  readonly f16ModelPath: string | undefined;
}

/** Fewer show nothing of the spread. */
const fewestRounds = 5;
const mostRounds = 1000;
const roundsProblem = `a whole number from ${fewestRounds} to ${mostRounds}`;

const ids = experiments.map(({ id }) => id);

const variables = z.object({
  ROUNDS: z.coerce
    .number(roundsProblem)
    .int(roundsProblem)
    .min(fewestRounds, roundsProblem)
    .max(mostRounds, roundsProblem)
    .default(20),
  ONLY: z
    .string()
    .transform((text) => text.split(",").map((id) => id.trim()))
    .refine((only) => only.every((id) => ids.includes(id)), `must be some of ${ids.join(", ")}`)
    .default(ids),
  OUT: z.string().optional(),
  RAW: z
    .literal("1", "must be 1, or not set")
    .transform(() => true)
    .default(false),
  F16_MODEL: z.string().refine(existsSync, "no such file").optional(),
});

/**
 * ROUNDS, ONLY (comma-separated ids), OUT, RAW and F16_MODEL. A report goes to `docs` by default, but one of
 * only some experiments is written nowhere without OUT.
 *
 * @throws AppError `config-invalid` that lists every problem
 */
export function parseBenchmarkSettings(environment: Environment): BenchmarkSettings {
  const { ROUNDS, ONLY, OUT, RAW, F16_MODEL } = readVariables(variables, environment);
  const isWhole = ids.every((id) => ONLY.includes(id));
  const outFolder = OUT ?? (isWhole ? "docs" : undefined);
  return { rounds: ROUNDS, only: ONLY, outFolder, isRawKept: RAW, f16ModelPath: F16_MODEL };
}
