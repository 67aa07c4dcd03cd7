import { type Answer, type AnswerHead, type Begin, wholeAnswer } from "../answer.ts";
import type { GenerationEvent, GenerationRequest, Usage } from "../generation.ts";
import { randomSeeds } from "../seed.ts";
import {
  type AnswerShape,
  choiceOf,
  headFields,
  openAiUsage,
  ownFields,
  summedUsage,
} from "./answer-shape.ts";
import type { OpenAiRequest } from "./openai-request.ts";
import {
  callsFirstChoice,
  ToolCallChoices,
  type ToolFinishReason,
} from "./tools/tool-call-choice.ts";

type TextDelta = Extract<GenerationEvent, { type: "text-delta" }>;

/** Answers a request as a whole, in OpenAI's shape. Several choices are generated one by one. */
export async function answerObject(shape: AnswerShape, asked: OpenAiRequest, begin: Begin) {
  const answers: Answer[] = [];
  for (const request of choiceRequests(asked)) answers.push(await wholeAnswer(begin(request)));
  const [first] = answers as [Answer];
  return {
    ...headFields(shape, shape.object, first),
    choices: answers.map((answer, index) => wholeChoice(shape, asked, answer, index)),
    usage: openAiUsage(summedUsage(answers.map(({ usage }) => usage))),
    ...ownFields(first),
  };
}

function wholeChoice(shape: AnswerShape, asked: OpenAiRequest, answer: Answer, index: number) {
  const { content, finishReason, requestId } = answer;
  const calls = new ToolCallChoices(`${requestId}/${index}`);
  if (asked.mayCallTools && calls.push(content) !== undefined) {
    return choiceOf(index, calls.message, null, calls.finishReason ?? finishReason);
  }
  const isWanted = asked.request.topLogprobs !== undefined;
  const logprobs = isWanted ? shape.logprobs(answer.tokens ?? [], 0) : null;
  return choiceOf(index, shape.choice(content), logprobs, finishReason);
}

/** The request of each choice: the seeds count up. */
function choiceRequests({ request, choices }: OpenAiRequest): GenerationRequest[] {
  const { settings } = request;
  return Array.from({ length: choices }, (_, index) => ({
    ...request,
    settings: { ...settings, seed: (settings.seed + index) % randomSeeds },
  }));
}

/**
 * Answers a request in OpenAI's chunks: for each choice of a chat one with the role, then one for each
 * piece of text and one with the finish reason; at the end, when asked for, one with the token counts.
 */
export async function* answerChunks(
  shape: AnswerShape,
  asked: OpenAiRequest,
  begin: Begin,
): AsyncGenerator<object> {
  const usages: Usage[] = [];
  let writer: ChunkWriter | undefined;
  for (const [index, request] of choiceRequests(asked).entries()) {
    const { head, events } = begin(request);
    writer = new ChunkWriter(shape, asked, head, index, usages);
    for await (const event of events) {
      yield* writer.write(event);
      if (event.type === "generation-end") usages.push(event.usage);
    }
  }
  if (asked.hasUsageChunk && writer !== undefined) yield writer.usageChunk();
}

/** Writes the chunks of one choice. */
class ChunkWriter {
  readonly #shape: AnswerShape;
  readonly #asked: OpenAiRequest;
  readonly #head: AnswerHead;
  readonly #index: number;
  /** Of the choices before. */
  readonly #usages: readonly Usage[];
  readonly #calls: ToolCallChoices | undefined;
  #isFirst = true;
  #textLength = 0;
  /** So far; the pieces of text stand for tokens. */
  #usage: Usage = { promptTokens: null, predictedTokens: 0 };

  constructor(
    shape: AnswerShape,
    asked: OpenAiRequest,
    head: AnswerHead,
    index: number,
    usages: readonly Usage[],
  ) {
    this.#shape = shape;
    this.#asked = asked;
    this.#head = head;
    this.#index = index;
    this.#usages = usages;
    this.#calls = asked.mayCallTools
      ? new ToolCallChoices(`${head.requestId}/${index}`)
      : undefined;
  }

  /** The chunks for one event. */
  *write(event: GenerationEvent): Generator<object> {
    const calls = event.type === "text-delta" ? this.#calls?.push(event.text) : undefined;
    const firstChoice = calls === undefined ? this.#shape.firstChoice : callsFirstChoice;
    if (this.#isFirst && firstChoice !== undefined) yield this.#chunk(firstChoice);
    this.#isFirst = false;
    if (event.type === "text-delta") {
      this.#count(event);
      if (calls === undefined) yield this.#pieceChunk(event);
      else yield* calls.map((choice) => this.#chunk(choice));
      return;
    }
    this.#usage = event.usage;
    const finishReason = this.#calls?.finishReason ?? event.finishReason;
    yield {
      ...this.#chunk(this.#shape.lastChoice, null, finishReason),
      ...ownFields({ ...this.#head, ...event }),
    };
  }

  /** The chunk with the token counts of all choices. */
  usageChunk(): object {
    return { ...this.#headFields(), choices: [], usage: openAiUsage(summedUsage(this.#usages)) };
  }

  #count({ promptTokens }: TextDelta): void {
    this.#usage = {
      promptTokens: promptTokens ?? this.#usage.promptTokens,
      predictedTokens: this.#usage.predictedTokens + 1,
    };
  }

  #pieceChunk({ text, tokens }: TextDelta) {
    const isWanted = this.#asked.request.topLogprobs !== undefined;
    const logprobs = isWanted ? this.#shape.logprobs(tokens ?? [], this.#textLength) : null;
    this.#textLength += text.length;
    return this.#chunk(this.#shape.chunkChoice(text), logprobs);
  }

  #chunk(
    choice: object,
    logprobs: object | null = null,
    finishReason: ToolFinishReason | null = null,
  ) {
    const choices = [choiceOf(this.#index, choice, logprobs, finishReason)];
    return { ...this.#headFields(), choices, ...this.#chunkUsage() };
  }

  #chunkUsage(): object {
    const { hasUsageChunk, hasRunningUsage } = this.#asked;
    if (!hasRunningUsage) return hasUsageChunk ? { usage: null } : {};
    return { usage: openAiUsage(summedUsage([...this.#usages, this.#usage])) };
  }

  #headFields() {
    return headFields(this.#shape, this.#shape.chunkObject, this.#head);
  }
}
