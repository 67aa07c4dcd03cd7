import type { Answer, AnswerEnd, AnswerHead, AnswerStream } from "../answer.ts";
import type { Timings } from "../generation.ts";

/** What a direct invocation returns: `body` is JSON text. */
export interface DirectResponse {
  readonly statusCode: number;
  readonly body: string;
}

/** A status and a value in the direct contract. */
export function directResponse(statusCode: number, body: object): DirectResponse {
  return { statusCode, body: JSON.stringify(body) };
}

/** An answer in the direct contract. */
export function answerBody(answer: Answer) {
  return { content: answer.content, ...answerFacts(answer) };
}

/** A stream's values, as llama-server sends them: pieces with `stop: false`, then all the facts. */
export async function* completionChunks({ head, events }: AnswerStream): AsyncGenerator<object> {
  for await (const event of events) {
    if (event.type === "text-delta") yield { content: event.text, stop: false };
    else yield { content: "", stop: true, ...answerFacts({ ...head, ...event }) };
  }
}

/** Everything in an answer of the direct contract but its text. */
function answerFacts(answer: AnswerHead & AnswerEnd) {
  const { usage, timings } = answer;
  return {
    model: answer.model,
    finish_reason: answer.finishReason,
    tokens_evaluated: usage.promptTokens,
    tokens_predicted: usage.predictedTokens,
    seed: answer.settings.seed,
    generation_settings: answer.settings,
    timings: timingsBody(timings),
    cold_start: answer.isColdStart,
    restored: answer.isRestored,
  };
}

/** Timings under the names that answers have, in milliseconds and tokens per second. */
export function timingsBody(timings: Timings) {
  return {
    load_ms: timings.loadMs,
    prompt_ms: timings.promptMs,
    predicted_ms: timings.predictedMs,
    first_token_ms: timings.firstTokenMs,
    total_ms: timings.totalMs,
    prompt_per_second: timings.promptTokensPerSecond,
    predicted_per_second: timings.predictedTokensPerSecond,
  };
}
