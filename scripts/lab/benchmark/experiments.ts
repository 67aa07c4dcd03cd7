import type { Experiment } from "./experiment.ts";
import { batch } from "./experiments/batch.ts";
import { coldStart } from "./experiments/cold-start.ts";
import { embedding, promptCache, sizing, threads } from "./experiments/engine-variations.ts";
import { engines } from "./experiments/engines.ts";
import { memoryLimit } from "./experiments/memory-limit.ts";
import { original } from "./experiments/original.ts";
import { overhead } from "./experiments/overhead.ts";
import { streams } from "./experiments/streams.ts";

/** Every experiment, in the order of the report. */
export const experiments: readonly Experiment[] = [
  overhead,
  engines,
  original,
  streams,
  coldStart,
  promptCache,
  sizing,
  embedding,
  threads,
  memoryLimit,
  batch,
];
