/** Counts and times of a run. Times in milliseconds. */
export interface RunCounts {
  startMs: number;
  loadMs: number;
  /** Tokens evaluated in batches: the prompt, unless it is a single token. */
  promptTokens: number;
  promptMs: number;
  /** Tokens evaluated one by one. */
  evaluations: number;
  evaluationMs: number;
  /** Tokens that the sampler saw: prompt and answer, the end token included. */
  samples: number;
  sampleMs: number;
}

/** Counts of a run that starts now. */
export function newRunCounts(startMs: number): RunCounts {
  return {
    startMs,
    loadMs: 0,
    promptTokens: 0,
    promptMs: 0,
    evaluations: 0,
    evaluationMs: 0,
    samples: 0,
    sampleMs: 0,
  };
}
