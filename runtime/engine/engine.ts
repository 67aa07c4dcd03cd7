import type { EngineFinishReason, GenerationEvent, GenerationRequest } from "../generation.ts";

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
}
