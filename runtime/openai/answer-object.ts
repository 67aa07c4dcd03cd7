import type { Answer, AnswerHead } from "../answer.ts";
import type { GenerationEvent } from "../generation.ts";
import { type AnswerShape, choiceOf, headFields, openAiUsage, ownFields } from "./answer-shape.ts";
import { ToolCallDeltas, toolCallMessage } from "./tools/tool-call-choice.ts";

/**
 * A whole answer in OpenAI's shape.
 *
 * @param mayCallTools it was written by the grammar of tool calls
 */
export function answerObject(shape: AnswerShape, answer: Answer, mayCallTools: boolean) {
  const { requestId, content } = answer;
  const { choice, finishReason } = mayCallTools
    ? toolCallMessage(requestId, content, answer.finishReason)
    : { choice: shape.choice(content), finishReason: answer.finishReason };
  return {
    ...headFields(shape, shape.object, answer),
    choices: [choiceOf(choice, finishReason)],
    usage: openAiUsage(answer.usage),
    ...ownFields(answer),
  };
}

/** How a stream is written. */
export interface ChunkOptions {
  /** The stream shall end with a chunk of its own for the token counts. */
  readonly hasUsageChunk: boolean;
  /** The answer is written by the grammar of tool calls. */
  readonly mayCallTools: boolean;
}

/**
 * Writes an answer as OpenAI's chunks: for a chat one with the role, then one for each piece of text,
 * one with the finish reason and, when asked for, one with the token counts.
 */
export class ChunkWriter {
  readonly #shape: AnswerShape;
  readonly #head: AnswerHead;
  readonly #hasUsageChunk: boolean;
  readonly #tools: ToolCallDeltas | undefined;
  #isFirst = true;

  constructor(shape: AnswerShape, head: AnswerHead, options: ChunkOptions) {
    this.#shape = shape;
    this.#head = head;
    this.#hasUsageChunk = options.hasUsageChunk;
    this.#tools = options.mayCallTools ? new ToolCallDeltas(head.requestId) : undefined;
  }

  /** The chunks for one event. */
  write(event: GenerationEvent): object[] {
    const choices = event.type === "text-delta" ? this.#choices(event.text) : [];
    const chunks = [...this.#firstChoices(), ...choices].map((choice) =>
      this.#chunk(choiceOf(choice, null)),
    );
    if (event.type === "text-delta") return chunks;
    const finishReason = this.#tools?.finishReason(event.finishReason) ?? event.finishReason;
    const last = {
      ...this.#chunk(choiceOf(this.#shape.lastChoice, finishReason)),
      ...ownFields({ ...this.#head, ...event }),
    };
    const usage = { ...this.#headFields(), choices: [], usage: openAiUsage(event.usage) };
    return [...chunks, last, ...(this.#hasUsageChunk ? [usage] : [])];
  }

  #choices(text: string): object[] {
    return this.#tools?.chunkChoices(text) ?? [this.#shape.chunkChoice(text)];
  }

  /** Before all others, what names the role; once. */
  #firstChoices(): object[] {
    const firstChoice = this.#tools?.firstChoice() ?? this.#shape.firstChoice;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return isFirst && firstChoice !== undefined ? [firstChoice] : [];
  }

  #chunk(choice: object): object {
    const usage = this.#hasUsageChunk && { usage: null };
    return { ...this.#headFields(), choices: [choice], ...usage };
  }

  #headFields() {
    return headFields(this.#shape, this.#shape.chunkObject, this.#head);
  }
}
