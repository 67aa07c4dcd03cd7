import type { FinishReason, GenerationSettings, Timings, Usage } from "./generation.ts";
import type { ErrorBody } from "./openai/error-response.ts";

/** What a direct invocation returns: `body` is JSON text. */
export interface DirectResponse {
  readonly statusCode: number;
  readonly body: string;
}

/** All that an answer is made of. */
export interface Answer {
  readonly content: string;
  readonly model: string;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timings: Timings;
  readonly settings: GenerationSettings;
  readonly isColdStart: boolean;
}

/** An answer in the direct contract. */
export function answerResponse(answer: Answer): DirectResponse {
  const { usage, timings } = answer;
  const body = {
    content: answer.content,
    model: answer.model,
    finish_reason: answer.finishReason,
    tokens_evaluated: usage.promptTokens,
    tokens_predicted: usage.predictedTokens,
    seed: answer.settings.seed,
    generation_settings: answer.settings,
    timings: {
      load_ms: timings.loadMs,
      prompt_ms: timings.promptMs,
      predicted_ms: timings.predictedMs,
      first_token_ms: rounded(timings.firstTokenMs),
      total_ms: rounded(timings.totalMs),
      prompt_per_second: timings.promptTokensPerSecond,
      predicted_per_second: timings.predictedTokensPerSecond,
    },
    cold_start: answer.isColdStart,
  };
  return { statusCode: 200, body: JSON.stringify(body) };
}

/** An error in the direct contract. */
export function directError(status: number, body: ErrorBody): DirectResponse {
  return { statusCode: status, body: JSON.stringify(body) };
}

/** To the hundredth of a millisecond, as the engine prints its own. */
function rounded(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 100) / 100;
}
