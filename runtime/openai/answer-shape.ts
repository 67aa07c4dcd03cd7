import type { AnswerEnd, AnswerHead } from "../answer.ts";
import { timingsBody } from "../direct/response.ts";
import type { Usage } from "../generation.ts";
import type { ToolFinishReason } from "./tools/tool-call-choice.ts";

/** Why an answer ended, in OpenAI's words. */
export type OpenAiFinishReason = "stop" | "length" | "tool_calls";

/** A stop string is a stop; a deadline is a limit that was reached. */
const openAiFinishReasons = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  deadline: "length",
  tool_calls: "tool_calls",
} as const satisfies Record<ToolFinishReason, OpenAiFinishReason>;

/** One choice of an answer or of a chunk. */
export interface Choice {
  readonly index: 0;
  readonly logprobs: null;
  readonly finish_reason: OpenAiFinishReason | null;
}

/** How one kind of OpenAI answer is written. */
export interface AnswerShape {
  readonly idPrefix: string;
  readonly object: string;
  readonly chunkObject: string;
  /** A whole answer's choice. */
  readonly choice: (content: string) => object;
  /** The choice of a chunk before the first piece, which names the role; absent without one. */
  readonly firstChoice?: object;
  /** A piece's choice. */
  readonly chunkChoice: (text: string) => object;
  /** The choice of the chunk with the finish reason. */
  readonly lastChoice: object;
}

/** `POST /v1/chat/completions`. */
export const chatShape: AnswerShape = {
  idPrefix: "chatcmpl-",
  object: "chat.completion",
  chunkObject: "chat.completion.chunk",
  choice: (content) => ({ message: { role: "assistant", content, refusal: null } }),
  firstChoice: { delta: { role: "assistant", content: "" } },
  chunkChoice: (content) => ({ delta: { content } }),
  lastChoice: { delta: {} },
};

/** `POST /v1/completions`. */
export const completionShape: AnswerShape = {
  idPrefix: "cmpl-",
  object: "text_completion",
  chunkObject: "text_completion",
  choice: (text) => ({ text }),
  chunkChoice: (text) => ({ text }),
  lastChoice: { text: "" },
};

/** What an answer and each of its chunks begin with. */
export function headFields(shape: AnswerShape, object: string, head: AnswerHead) {
  return {
    id: `${shape.idPrefix}${head.requestId}`,
    object,
    created: Math.floor(head.createdAt.getTime() / 1000),
    model: head.model,
  };
}

/** A choice as OpenAI orders it. */
export function choiceOf(content: object, finishReason: ToolFinishReason | null): Choice & object {
  const finish_reason = finishReason === null ? null : openAiFinishReasons[finishReason];
  return { index: 0, ...content, logprobs: null, finish_reason };
}

/** What OpenAI's shape has no place for, in one field that its clients ignore. */
export function ownFields(answer: AnswerHead & AnswerEnd) {
  return {
    bitnet: {
      finish_reason: answer.finishReason,
      seed: answer.settings.seed,
      timings: timingsBody(answer.timings),
      cold_start: answer.isColdStart,
      restored: answer.isRestored,
    },
  };
}

/** Token counts in OpenAI's shape. A prompt that was not counted before the engine stopped is 0. */
export function openAiUsage({ promptTokens, predictedTokens }: Usage) {
  const prompt_tokens = promptTokens ?? 0;
  return {
    prompt_tokens,
    completion_tokens: predictedTokens,
    total_tokens: prompt_tokens + predictedTokens,
  };
}
