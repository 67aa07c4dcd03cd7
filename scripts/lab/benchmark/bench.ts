import { availableParallelism } from "node:os";
import type { Config } from "../../../runtime/config.ts";
import { threadsFor } from "../../../runtime/lambda-sizing.ts";
import type { Rounds } from "./in-turn.ts";

/** What every experiment works with. */
export interface Bench {
  /** The engines and the model to measure, as the runtime would read them. */
  readonly config: Config;
  /** Names for the report, without absolute paths. */
  readonly engineName: string;
  readonly modelName: string;
  /** True for the TypeScript engine, which has one thread. */
  readonly isReference: boolean;
  readonly rounds: number;
  /** A folder for files of this run. */
  readonly folder: string;
  /** Reports the progress of an experiment. */
  readonly onProgress: (text: string) => void;
}

/** The rounds of an experiment; `factor` multiplies those of the bench where one is short. */
export function roundsOf({ rounds, onProgress }: Bench, factor = 1): Rounds {
  const count = rounds * factor;
  return {
    rounds: count,
    warmups: 2,
    onRound: (round) => onProgress(round < 1 ? "warming up" : `round ${round} of ${count}`),
  };
}

/** Engine threads that the runtime would choose on this machine. */
export function threadsOf({ config }: Bench): number {
  return threadsFor({ ...config, visibleCpus: availableParallelism() });
}
