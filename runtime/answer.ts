import type {
  ChosenToken,
  FinishReason,
  GenerationEvent,
  GenerationRequest,
  GenerationSettings,
  Timings,
  Usage,
} from "./generation.ts";

/** One request as its surroundings see it: a Lambda invocation, or a request to the local server. */
export interface Call {
  /** Names the request in answers and in the log. */
  readonly requestId: string;
  /** Time until the surroundings cut the request off, in milliseconds. */
  readonly remainingMs: () => number;
  /** Aborts when the caller disconnects, where the surroundings report it. */
  readonly signal: AbortSignal;
  /** The caller's trace, as W3C's header has it. */
  readonly traceparent?: string | undefined;
}

/** What came before a request in its execution environment. */
export interface Start {
  /** The first request of this environment. */
  readonly isColdStart: boolean;
  /** The environment was restored from a SnapStart snapshot, and this is its first request. */
  readonly isRestored: boolean;
}

/** A call that has been admitted. */
export interface AdmittedCall extends Call {
  readonly start: Start;
}

/** What is known of an answer before its first word. */
export interface AnswerHead extends Start {
  readonly requestId: string;
  readonly model: string;
  /** Names engine and model; `undefined` outside of images. */
  readonly fingerprint: string | undefined;
  readonly settings: GenerationSettings;
  readonly createdAt: Date;
}

/** What is known when it is complete. */
export interface AnswerEnd {
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timings: Timings;
}

/** A whole answer. */
export interface Answer extends AnswerHead, AnswerEnd {
  readonly content: string;
  /** Its tokens with their probabilities, where the request asked for them. */
  readonly tokens?: readonly ChosenToken[];
}

/** An answer under way: its head, and its events as they come. */
export interface AnswerStream {
  readonly head: AnswerHead;
  readonly events: AsyncGenerator<GenerationEvent>;
}

/** Begins an answer. */
export type Begin = (request: GenerationRequest) => AnswerStream;

/** Reads a stream to its end. */
export async function wholeAnswer({ head, events }: AnswerStream): Promise<Answer> {
  let content = "";
  const tokens: ChosenToken[] = [];
  for await (const event of events) {
    if (event.type === "text-delta") {
      content += event.text;
      tokens.push(...(event.tokens ?? []));
      continue;
    }
    const { finishReason, usage, timings } = event;
    return { ...head, content, tokens, finishReason, usage, timings };
  }
  throw new Error("the generation had no end");
}
