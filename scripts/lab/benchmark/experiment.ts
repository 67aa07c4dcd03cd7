import type { Config } from "../../../runtime/config.ts";
import type { Trial } from "./in-turn.ts";

/** What every experiment has to work with. */
export interface Bench {
  /** The engines and the model to measure, as the runtime would read them. */
  readonly config: Config;
  /** For people: no absolute paths. */
  readonly engineName: string;
  readonly modelName: string;
  /** The TypeScript engine: one thread, whatever it is told. */
  readonly isReference: boolean;
  readonly rounds: number;
  /** A folder for files of this run. */
  readonly folder: string;
  /** Tells how far it is. */
  readonly onProgress: (text: string) => void;
}

/** A figure of the trials to show. */
export interface FigureColumn {
  /** Its name in {@link Trial.figures}. */
  readonly figure: string;
  /** `time of an answer` */
  readonly label: string;
  readonly unit: "ms" | "tokens/s" | "MiB" | "GB/s";
}

/** What a figure must keep to. */
export interface Limit {
  /** `the handler adds at most 5 ms` */
  readonly promise: string;
  readonly isKept: boolean;
  /** `0.4 ms (0.1 to 0.9)` */
  readonly measured: string;
}

/** A table of alternatives, the first of which is the baseline. */
export interface Comparison {
  /** Where an experiment has several. */
  readonly title?: string;
  readonly names: readonly string[];
  readonly columns: readonly FigureColumn[];
  /** Where alternatives are amounts of something: drawn as a line over it, not as bars. */
  readonly amounts?: { readonly what: string; readonly values: readonly number[] };
  readonly trials: readonly Trial[];
}

/** What an experiment has found. */
export interface Findings {
  readonly comparisons: readonly Comparison[];
  readonly limits?: readonly Limit[];
  /** Sentences that only the figures could tell. */
  readonly notes?: readonly string[];
}

/** One question, and how to answer it by measuring. */
export interface Experiment {
  /** In file names, and for `ONLY=`. */
  readonly id: string;
  readonly title: string;
  /** What is compared, and how to read it. */
  readonly about: string;
  /** Why it cannot be run on this machine or with this engine; `undefined`: it can. */
  obstacle?(bench: Bench): string | undefined;
  run(bench: Bench): Promise<Findings>;
}
