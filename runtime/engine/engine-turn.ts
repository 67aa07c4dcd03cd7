import type { GenerationRequest } from "../generation.ts";
import type { Engine, EngineEvent } from "./engine.ts";
import type { RequestQueue } from "./request-queue.ts";

/** Dependencies of an {@link EngineTurn}. */
export interface TurnDependencies {
  readonly engine: Engine;
  readonly queue: RequestQueue;
}

/**
 * A request's turn at the engine, which answers one at a time. It ends when it is closed, or when the
 * signal has aborted and the engine is done, so that a stalled reader holds up nobody.
 */
export class EngineTurn {
  readonly #events: AsyncIterator<EngineEvent>;
  readonly #signal: AbortSignal;
  readonly #end: () => void;
  /** Steps read since the signal aborted, and not taken yet. */
  readonly #ahead: Promise<IteratorResult<EngineEvent>>[] = [];
  readonly #onAbort = () => void this.#readToEnd();

  /** Waits for the turn; `undefined` when the signal aborts first. @throws AppError `engine-busy` */
  static async wait(
    { engine, queue }: TurnDependencies,
    request: GenerationRequest,
    signal: AbortSignal,
  ): Promise<EngineTurn | undefined> {
    const end = await queue.enter(signal);
    return end && new EngineTurn(engine.generate(request, signal), signal, end);
  }

  private constructor(events: AsyncIterable<EngineEvent>, signal: AbortSignal, end: () => void) {
    this.#events = events[Symbol.asyncIterator]();
    this.#signal = signal;
    this.#end = end;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort);
  }

  /** The engine's next event; `undefined` behind the last. Rejects as the engine does. */
  async next(): Promise<EngineEvent | undefined> {
    const { value, done } = await (this.#ahead.shift() ?? this.#events.next());
    return done ? undefined : value;
  }

  /** Stops the engine, if it is still at work, and ends the turn. */
  async close(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#onAbort);
    try {
      await this.#events.return?.();
    } finally {
      this.#end();
    }
  }

  async #readToEnd(): Promise<void> {
    for (let isOver = false; !isOver; ) {
      const step = this.#events.next();
      this.#ahead.push(step);
      isOver = await step.then(
        ({ done }) => done === true,
        () => true,
      );
    }
    this.#end();
  }
}
