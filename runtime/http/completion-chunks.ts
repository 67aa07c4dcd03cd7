import type { AnswerStream } from "../answer.ts";
import { answerFacts } from "../direct/response.ts";

/** An answer as llama-server streams it: pieces with `stop: false`, then all the facts. */
export async function* completionChunks({ head, events }: AnswerStream): AsyncGenerator<object> {
  for await (const event of events) {
    yield event.type === "text-delta"
      ? { content: event.text, stop: false }
      : { content: "", stop: true, ...answerFacts({ ...head, ...event }) };
  }
}
