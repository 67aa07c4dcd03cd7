import type { Answer, AnswerHead } from "../answer.ts";
import type { GenerationEvent } from "../generation.ts";
import { type AnswerShape, choiceOf, headFields, openAiUsage, ownFields } from "./answer-shape.ts";

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
 * Writes an answer as OpenAI's chunks: for a chat one with the role, then one for each piece of text,
 * one with the finish reason and, when asked for, one with the token counts.
 */
export class ChunkWriter {
  readonly #shape: AnswerShape;
  readonly #head: AnswerHead;
  readonly #hasUsageChunk: boolean;
  #isFirst = true;

  constructor(shape: AnswerShape, head: AnswerHead, hasUsageChunk: boolean) {
    this.#shape = shape;
    this.#head = head;
    this.#hasUsageChunk = hasUsageChunk;
  }

  /** The chunks for one event. */
  write(event: GenerationEvent): object[] {
    const first = this.#isFirst ? this.#firstChunks() : [];
    this.#isFirst = false;
    if (event.type === "text-delta") {
      return [...first, this.#chunk(choiceOf(this.#shape.chunkChoice(event.text), null))];
    }
    const last = {
      ...this.#chunk(choiceOf(this.#shape.lastChoice, event.finishReason)),
      ...ownFields({ ...this.#head, ...event }),
    };
    const usage = { ...this.#headFields(), choices: [], usage: openAiUsage(event.usage) };
    return [...first, last, ...(this.#hasUsageChunk ? [usage] : [])];
  }

  #firstChunks(): object[] {
    const { firstChoice } = this.#shape;
    return firstChoice === undefined ? [] : [this.#chunk(choiceOf(firstChoice, null))];
  }

  #chunk(choice: object): object {
    const usage = this.#hasUsageChunk && { usage: null };
    return { ...this.#headFields(), choices: [choice], ...usage };
  }

  #headFields() {
    return headFields(this.#shape, this.#shape.chunkObject, this.#head);
  }
}
