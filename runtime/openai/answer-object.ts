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
 * Writes an answer as OpenAI's chunks: one for each piece of text, one with the finish reason. Token
 * counts are in the last one or, when asked for, in a chunk of their own, as OpenAI sends them.
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
    if (event.type === "text-delta") return [this.#textChunk(event.text)];
    const usage = openAiUsage(event.usage);
    const last = {
      ...this.#chunk(choiceOf(this.#shape.lastChoice, event.finishReason)),
      ...ownFields({ ...this.#head, ...event }),
    };
    return [
      // There is a first chunk even without text.
      ...(this.#isFirst ? [this.#textChunk("")] : []),
      this.#hasUsageChunk ? last : { ...last, usage },
      ...(this.#hasUsageChunk ? [{ ...this.#headFields(), choices: [], usage }] : []),
    ];
  }

  #textChunk(text: string): object {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return this.#chunk(choiceOf(this.#shape.chunkChoice(text, isFirst), null));
  }

  #chunk(choice: object): object {
    const usage = this.#hasUsageChunk && { usage: null };
    return { ...this.#headFields(), choices: [choice], ...usage };
  }

  #headFields() {
    return headFields(this.#shape, this.#shape.chunkObject, this.#head);
  }
}
