import type { AnswerEnd, AnswerHead } from "../answer.ts";
import { timingsBody } from "../direct/response.ts";
import type { ChosenToken, TokenLogprob, Usage } from "../generation.ts";
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
  readonly index: number;
  readonly logprobs: object | null;
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
  /**
   * Probabilities of tokens.
   *
   * @param offset where in the answer the first of them begins, in UTF-16 units
   */
  readonly logprobs: (tokens: readonly ChosenToken[], offset: number) => object;
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
  logprobs: (tokens) => ({
    content: tokens.map(({ candidates, ...token }) => ({ ...token, top_logprobs: candidates })),
    refusal: null,
  }),
};

/** `POST /v1/completions`. */
export const completionShape: AnswerShape = {
  idPrefix: "cmpl-",
  object: "text_completion",
  chunkObject: "text_completion",
  choice: (text) => ({ text }),
  chunkChoice: (text) => ({ text }),
  lastChoice: { text: "" },
  logprobs: (tokens, offset) => ({
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ candidates }) => Object.fromEntries(candidates.map(byToken))),
    text_offset: offsets(tokens, offset),
  }),
};

function byToken({ token, logprob }: TokenLogprob): readonly [string, number] {
  return [token, logprob];
}

/** Where each token begins. */
function offsets(tokens: readonly ChosenToken[], first: number): number[] {
  let next = first;
  return tokens.map(({ token }) => {
    const start = next;
    next += token.length;
    return start;
  });
}

/** What an answer and each of its chunks begin with. */
export function headFields(shape: AnswerShape, object: string, head: AnswerHead) {
  return {
    id: `${shape.idPrefix}${head.requestId}`,
    object,
    created: Math.floor(head.createdAt.getTime() / 1000),
    model: head.model,
    ...(head.fingerprint !== undefined && { system_fingerprint: head.fingerprint }),
  };
}

/** A choice as OpenAI orders it. */
export function choiceOf(
  index: number,
  content: object,
  logprobs: object | null,
  finishReason: ToolFinishReason | null,
): Choice & object {
  const finish_reason = finishReason === null ? null : openAiFinishReasons[finishReason];
  return { index, ...content, logprobs, finish_reason };
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

/** Token counts of several answers to one prompt: the prompt counts once. */
export function summedUsage(usages: readonly Usage[]): Usage {
  return {
    promptTokens: usages.at(-1)?.promptTokens ?? null,
    predictedTokens: usages.reduce((sum, { predictedTokens }) => sum + predictedTokens, 0),
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
