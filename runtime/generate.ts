import type { AnswerEnd } from "./answer.ts";
import { EngineTurn, type TurnDependencies } from "./engine/engine-turn.ts";
import { AppError } from "./errors.ts";
import type {
  ChosenToken,
  EngineFinishReason,
  FinishReason,
  GenerationEvent,
  GenerationRequest,
  Timings,
} from "./generation.ts";
import { StopFinder } from "./stop-sequences.ts";

/** What bounds one generation from outside, and who is notified of its end. */
export interface GenerationOptions {
  /** Aborts when the caller disconnects. */
  readonly signal: AbortSignal;
  /** Time the answer may take, waiting included, in milliseconds; the text so far is then it. */
  readonly timeMs: number;
  /** Called with the end of a complete answer, before it is yielded. */
  readonly onEnd?: (end: AnswerEnd) => void;
  /** Called when the reader leaves before the end. */
  readonly onLeft?: () => void;
}

/**
 * One answer: waits for the engine, then yields its text up to the first stop string, within the time.
 *
 * @throws AppError `engine-busy`, `deadline-exceeded` when time ran out before any text,
 * `client-aborted`, and whatever the engine throws
 */
export async function* generate(
  dependencies: TurnDependencies,
  request: GenerationRequest,
  options: GenerationOptions,
): AsyncGenerator<GenerationEvent> {
  const interruption = new Interruption(options);
  const text = new AnswerLimits(request, () => interruption.interrupt("stop_sequence"));
  let turn: EngineTurn | undefined;
  let isLeft = true;
  try {
    turn = await EngineTurn.wait(dependencies, request, interruption.signal);
    if (turn === undefined) throw interruption.error();
    for (;;) {
      const event = await turn.next();
      if (event === undefined) return;
      const isEnd = event.type === "generation-end";
      const shown = isEnd ? text.flush() : text.push(event.text, event.tokens);
      if (shown.text !== "") {
        const promptTokens = isEnd ? undefined : event.promptTokens;
        yield { type: "text-delta", ...shown, ...(promptTokens !== undefined && { promptTokens }) };
      }
      if (!isEnd) continue;
      const finishReason = interruption.finishReason(event.finishReason, text.hasText);
      const end = { ...event, finishReason, timings: roundedTimings(event.timings) };
      isLeft = false;
      options.onEnd?.(end);
      yield end;
    }
  } catch (error) {
    isLeft = false;
    throw error;
  } finally {
    interruption.release();
    await turn?.close();
    if (isLeft) options.onLeft?.();
  }
}

/** Milliseconds and rates to two decimals, as llama.cpp prints them. */
function roundedTimings(timings: Timings): Timings {
  const rounded = Object.entries(timings).map(([name, value]: [string, number | null]) => [
    name,
    value === null ? null : Math.round(value * 100) / 100,
  ]);
  return Object.fromEntries(rounded) as Timings;
}

/** Why the engine is stopped before its own end. */
type Cause = "stop_sequence" | "deadline" | "client-aborted";

/** Stops the engine at a stop string, the deadline or the caller's disconnect; the first one counts. */
class Interruption {
  readonly #controller = new AbortController();
  readonly #options: GenerationOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.interrupt("client-aborted");
  #cause: Cause | undefined;

  constructor(options: GenerationOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.interrupt("deadline"), Math.max(0, options.timeMs));
    options.signal.addEventListener("abort", this.#onAbort);
    if (options.signal.aborted) this.#onAbort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  interrupt(cause: Cause): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }

  /**
   * Why the answer ended, given why the engine stopped.
   *
   * @param hasText the deadline leaves something to return
   * @throws AppError when there is no answer
   */
  finishReason(engineReason: EngineFinishReason, hasText: boolean): FinishReason {
    // A stop string may be found in the last piece, when the engine has ended by itself.
    if (this.#cause === "stop_sequence") return this.#cause;
    if (engineReason !== "aborted") return engineReason;
    if (this.#cause === "deadline" && hasText) return this.#cause;
    throw this.error();
  }

  /** Why there is no answer. */
  error(): AppError {
    if (this.#cause === "client-aborted") {
      return new AppError(this.#cause, "the caller has disconnected");
    }
    if (this.#cause !== "deadline") {
      return new AppError("engine-failed", "the engine stopped without being asked to");
    }
    const timeMs = Math.max(0, Math.round(this.#options.timeMs));
    const message = `no text within the ${timeMs} ms there were: give the function more time or memory, send a shorter prompt, or send fewer requests at once`;
    return new AppError("deadline-exceeded", message);
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
  }
}

/**
 * More characters than any token has; an engine that sends more text than its tokens hold is broken.
 */
const longestTokenCharacters = 512;

/** Text of an answer, and the tokens that begin in it where the request asked for them. */
type ShownText = Pick<Extract<GenerationEvent, { type: "text-delta" }>, "text" | "tokens">;

/** The text of an answer, cut at the first stop string and bounded by its number of tokens. */
class AnswerLimits {
  readonly #stops: StopFinder;
  readonly #onStop: () => void;
  readonly #mostTokens: number;
  /** Tokens whose text is still held back, with the place in the answer at which it begins. */
  #tokens: { readonly start: number; readonly token: ChosenToken }[] | undefined;
  #charactersLeft: number;
  #pushed = 0;
  #shownLength = 0;

  constructor({ settings }: GenerationRequest, onStop: () => void) {
    this.#stops = new StopFinder(settings.stop);
    this.#onStop = onStop;
    this.#mostTokens = settings.n_predict;
    this.#charactersLeft = settings.n_predict * longestTokenCharacters;
  }

  get hasText(): boolean {
    return this.#shownLength > 0;
  }

  /** The part of a piece that can be shown now. @throws AppError `engine-failed` beyond the limit */
  push(piece: string, tokens?: readonly ChosenToken[]): ShownText {
    this.#charactersLeft -= piece.length;
    if (this.#charactersLeft < 0) {
      const message = `the engine sent more text than ${this.#mostTokens} tokens can hold`;
      throw new AppError("engine-failed", message);
    }
    this.#hold(piece, tokens);
    const { text, isFound } = this.#stops.push(piece);
    if (isFound) this.#onStop();
    return this.#shown(text);
  }

  /** What is left at the end. */
  flush(): ShownText {
    return this.#shown(this.#stops.flush());
  }

  #hold(piece: string, tokens: readonly ChosenToken[] | undefined): void {
    let start = this.#pushed;
    this.#pushed += piece.length;
    for (const token of tokens ?? []) {
      this.#tokens ??= [];
      this.#tokens.push({ start, token });
      start += token.token.length;
    }
  }

  #shown(text: string): ShownText {
    this.#shownLength += text.length;
    if (this.#tokens === undefined) return { text };
    const begun = this.#tokens.filter(({ start }) => start < this.#shownLength);
    this.#tokens = this.#tokens.slice(begun.length);
    return { text, tokens: begun.map(({ token }) => token) };
  }
}
