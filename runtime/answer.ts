import type {
  FinishReason,
  GenerationEvent,
  GenerationSettings,
  Timings,
  Usage,
} from "./generation.ts";
import type { Start } from "./start.ts";

/** What is known of an answer before its first word. */
export interface AnswerHead extends Start {
  readonly requestId: string;
  readonly model: string;
  readonly settings: GenerationSettings;
  readonly createdAt: Date;
}

/** What is known when it is complete. */
export interface AnswerEnd {
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timings: Timings;
}

/** All that an answer is made of. */
export interface Answer extends AnswerHead, AnswerEnd {
  readonly content: string;
}

/** An answer on its way: its head, and its events as they come. */
export interface AnswerStream {
  readonly head: AnswerHead;
  readonly events: AsyncGenerator<GenerationEvent>;
}

/** A stream to its end, as one answer. */
export async function wholeAnswer({ head, events }: AnswerStream): Promise<Answer> {
  let content = "";
  for await (const event of events) {
    if (event.type === "text-delta") {
      content += event.text;
      continue;
    }
    const { finishReason, usage, timings } = event;
    return { ...head, content, finishReason, usage, timings };
  }
  throw new Error("the generation had no end");
}
