import { availableParallelism } from "node:os";
import type { Config } from "../../../runtime/config.ts";
import { threadsFor } from "../../../runtime/lambda-sizing.ts";
import { type Alternatives, measureInTurn, type Trial } from "./in-turn.ts";

/** What every experiment works with. */
export interface Bench {
  /** The engines and the model to measure, as the runtime would read them. */
  readonly config: Config;
  /** Names for the report, without absolute paths. */
  readonly engineName: string;
  readonly modelName: string;
  /** The model with its embedding as F16, as Microsoft publishes it; for what compares with that. */
  readonly f16ModelPath: string | undefined;
  /** True for the TypeScript engine, which has one thread. */
  readonly isReference: boolean;
  readonly rounds: number;
  /** A folder for files of this run. */
  readonly folder: string;
  /** Reports the progress of an experiment. */
  readonly onProgress: (text: string) => void;
}

/** A figure of the trials to show. */
export interface FigureColumn {
  /** Its name in {@link Trial.figures}. */
  readonly figure: string;
  /** `whole answer` */
  readonly label: string;
  readonly unit: "ms" | "tokens/s" | "MiB" | "GB/s";
}

/** Figures that several experiments show. */
export const figureColumns = {
  answer: { figure: "total_ms", label: "whole answer", unit: "ms" },
  firstToken: { figure: "first_token_ms", label: "TTFT", unit: "ms" },
  decoding: { figure: "tokens_per_second", label: "decode", unit: "tokens/s" },
  prefill: { figure: "prompt_tokens_per_second", label: "prefill", unit: "tokens/s" },
  enginePeak: { figure: "peak_mib", label: "peak memory of the engine", unit: "MiB" },
} as const satisfies Record<string, FigureColumn>;

/** A limit that a figure should keep to. */
export interface Limit {
  /** `the handler adds at most 5 ms` */
  readonly limit: string;
  readonly isMet: boolean;
  /** `0.4 ms (0.1 to 0.9)` */
  readonly measured: string;
}

/** A table of alternatives, the first of which is the baseline. */
export interface Comparison {
  /** For experiments with several tables. */
  readonly title?: string;
  readonly names: readonly string[];
  readonly columns: readonly FigureColumn[];
  readonly trials: readonly Trial[];
}

/** What an experiment has found. */
export interface Findings {
  readonly comparisons: readonly Comparison[];
  readonly limits?: readonly Limit[];
  /** Sentences that follow from the figures. */
  readonly notes?: readonly string[];
}

/** One question, and how to answer it by measuring. */
export interface Experiment {
  /** In file names, and for `ONLY=`. */
  readonly id: string;
  readonly title: string;
  /** What is compared, and how to read it. */
  readonly about: string;
  /** Why it cannot run on this machine or with this engine; `undefined` if it can. */
  obstacle?(bench: Bench): string | undefined;
  run(bench: Bench): Promise<Findings>;
}

/** Why an experiment that needs the model with an F16 embedding cannot run. */
export function f16Obstacle({ f16ModelPath }: Bench): string | undefined {
  if (f16ModelPath !== undefined) return undefined;
  return "it needs the same model with an F16 embedding: EMBEDDING_TYPE=F16 make synthetic-model writes one, F16_MODEL names it";
}

/** The outcome of an experiment. */
export interface ExperimentResult {
  readonly experiment: Pick<Experiment, "id" | "title" | "about">;
  readonly seconds: number;
  /** `undefined` when it did not run, or failed. */
  readonly findings: Findings | undefined;
  /** Why it did not run. */
  readonly obstacle?: string;
  /** Why it failed. */
  readonly failure?: string;
}

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

/**
 * Measures alternatives in turn, in the order to show; the first is the baseline.
 *
 * @param factor multiplies the rounds of the bench where one is short
 */
export async function compareInTurn(
  { rounds, onProgress }: Bench,
  alternatives: Alternatives,
  columns: readonly FigureColumn[],
  factor = 1,
): Promise<Comparison> {
  const count = rounds * factor;
  const trials = await measureInTurn(alternatives, {
    rounds: count,
    // The first loads files and compiles code; with many rounds a second one costs little.
    warmups: count < 10 ? 1 : 2,
    onRound: (round) => onProgress(round < 1 ? "warming up" : `round ${round} of ${count}`),
  });
  return { names: Object.keys(alternatives), columns, trials };
}

/** A bench for an experiment whose rounds take up to a minute each: with at most five of them. */
export function withFewRounds(bench: Bench): Bench {
  return { ...bench, rounds: Math.min(bench.rounds, 5) };
}

/** Engine threads that the runtime would choose on this machine. */
export function threadsOf({ config }: Bench): number {
  return threadsFor({ ...config, visibleCpus: availableParallelism() });
}
