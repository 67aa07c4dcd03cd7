import type {
  EngineFinishReason,
  GenerationEvent,
  GenerationRequest,
  Timings,
} from "../generation.ts";

/** The port behind which every engine stands. One contract suite covers them all. */
export interface Engine {
  /**
   * Generates text for one request.
   *
   * Yields `text-delta` events as text arrives (never empty, never half a character) and ends
   * with one `generation-end`. When `signal` aborts, the engine stops its work, releases what it
   * holds and ends with `finishReason: "aborted"`. Leaving the loop early stops the work as well.
   *
   * @throws AppError `context-exceeded`, `engine-*`, `model-*`
   */
  generate(
    request: GenerationRequest,
    signal: AbortSignal,
  ): AsyncIterable<GenerationEvent<EngineFinishReason>>;

  /**
   * Returns when a request would be answered without waiting for the engine to load.
   *
   * @throws AppError `engine-loading`, or what keeps a resident engine from running
   */
  checkHealth(): void;

  /**
   * Settles when the engine has loaded whatever it keeps, or has failed to: then `checkHealth`
   * tells why. Never rejects.
   */
  settled(): Promise<void>;

  /** Ends whatever the engine keeps running, for good. */
  stop(): Promise<void>;
}

/** What an engine that is stopped, or never begins, cannot tell of itself. */
export const untoldTimings = {
  loadMs: null,
  promptMs: null,
  predictedMs: null,
  promptTokensPerSecond: null,
  predictedTokensPerSecond: null,
} as const satisfies Partial<Timings>;

/** The port's other methods for an engine that keeps nothing running between requests. */
export const statelessEngine = {
  checkHealth: () => undefined,
  settled: () => Promise.resolve(),
  stop: () => Promise.resolve(),
} as const satisfies Omit<Engine, "generate">;
