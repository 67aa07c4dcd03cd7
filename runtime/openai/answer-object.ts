import type { Answer, AnswerStream } from "../answer.ts";
import { type AnswerShape, choiceOf, headFields, ownFields } from "./answer-shape.ts";
import { openAiUsage } from "./usage.ts";

/** A whole answer in OpenAI's shape. */
export function answerObject(shape: AnswerShape, answer: Answer) {
  return {
    ...headFields(shape, shape.object, answer),
    choices: [choiceOf(shape.choice(answer.content), answer.finishReason)],
    usage: openAiUsage(answer.usage),
    ...ownFields(answer),
  };
}

/**
 * An answer as OpenAI's chunks: one for each piece of text, one that tells how it ended. Token
 * counts are in the last one or, when asked for, in a chunk of their own, as OpenAI sends them.
 */
export async function* answerChunks(
  shape: AnswerShape,
  { head, events }: AnswerStream,
  hasUsageChunk: boolean,
): AsyncGenerator<object> {
  const fields = headFields(shape, shape.chunkObject, head);
  const chunk = (choices: readonly object[]) => ({
    ...fields,
    choices,
    ...(hasUsageChunk && { usage: null }),
  });
  let isFirst = true;
  for await (const event of events) {
    if (event.type === "text-delta") {
      yield chunk([choiceOf(shape.chunkChoice(event.text, isFirst), null)]);
      isFirst = false;
      continue;
    }
    if (isFirst) yield chunk([choiceOf(shape.chunkChoice("", isFirst), null)]);
    const usage = openAiUsage(event.usage);
    const last = {
      ...chunk([choiceOf(shape.lastChoice, event.finishReason)]),
      ...ownFields({ ...head, ...event }),
    };
    yield hasUsageChunk ? last : { ...last, usage };
    if (hasUsageChunk) yield { ...fields, choices: [], usage };
  }
}
