import type {
  EngineFinishReason,
  GenerationEvent,
  GenerationRequest,
  Timings,
} from "../generation.ts";
import type { PromptCache } from "./llama-cli/prompt-cache.ts";

/** One step of an engine's answer. */
export type EngineEvent = GenerationEvent<EngineFinishReason>;

/** The port behind which every engine stands. One contract suite covers them all. */
export interface Engine {
  /**
   * Generates text for one request; asked for one answer at a time (`request-queue.ts`). Yields
   * `text-delta` events (never empty, never half a character), then one `generation-end`. When `signal`
   * aborts it stops its work and ends with `finishReason: "aborted"`; leaving early stops it as well.
   *
   * @throws AppError `context-exceeded`, `engine-*`, `model-*`
   */
  generate(request: GenerationRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;

  /** @throws AppError `engine-loading`, or what keeps a resident engine from answering at once */
  checkHealth(): void;

  /**
   * Settles, never rejects, when the engine has loaded or failed to: `checkHealth` then throws why.
   */
  settled(): Promise<void>;

  /** Ends whatever the engine keeps running, for good. */
  stop(): Promise<void>;
}

/** What an engine is made with. */
export interface EngineOptions {
  readonly program: {
    readonly path: string;
    /** The variable that names the path, for messages. */
    readonly variable: string;
  };
  /** A GGUF file. */
  readonly modelPath: string;
  /** Longest context, prompt and answer together, in tokens. */
  readonly contextTokens: number;
  /** Where memory bounds the context: the memory in MiB that a larger one needs, if any would do. */
  readonly memoryMiBFor?: (contextTokens: number) => number | undefined;
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  readonly killDelayMs: number;
  /** Engine threads: `threadsFor` of `lambda-sizing.ts`. */
  readonly threads: number;
  /** This process's environment, of which an engine sees a few variables (`engineEnvironment`). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A state to begin prompts from, for an engine that reads one. */
  readonly promptCache?: PromptCache | undefined;
  /** Where the prompt is written for a moment: /tmp on Lambda. */
  readonly temporaryFolder: string;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Timings of an engine that was stopped before it reported any. */
export const unknownTimings = {
  loadMs: null,
  promptMs: null,
  predictedMs: null,
  promptTokensPerSecond: null,
  predictedTokensPerSecond: null,
} as const satisfies Partial<Timings>;

/** What a piece of text can come with. */
type TextExtras = Omit<Extract<EngineEvent, { type: "text-delta" }>, "type" | "text">;

/** The text of one answer on its way: turns it into events, counts the pieces, takes the time. */
export class AnswerText {
  /** Pieces of text so far. */
  pieces = 0;
  readonly #now: () => number;
  readonly #startedAt: number;
  #firstTextAt: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAt = now();
  }

  /** The event for a piece of text; none for an empty one. */
  events(text: string, extras: TextExtras = {}): EngineEvent[] {
    if (text === "") return [];
    this.#firstTextAt ??= this.#now();
    this.pieces++;
    return [{ type: "text-delta", text, ...extras }];
  }

  timings(): Pick<Timings, "firstTokenMs" | "totalMs"> {
    const first = this.#firstTextAt;
    return {
      firstTokenMs: first === undefined ? null : first - this.#startedAt,
      totalMs: this.#now() - this.#startedAt,
    };
  }
}
