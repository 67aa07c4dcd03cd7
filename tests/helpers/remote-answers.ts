import { requestOfEvent } from "../../runtime/direct/invocation.ts";
import { AppError } from "../../runtime/errors.ts";
import type { GenerationSettings } from "../../runtime/generation.ts";
import { errorResponse } from "../../runtime/openai/error-response.ts";
import { parseRequest } from "../../runtime/request/request.ts";
import type { RemoteAnswer } from "../../scripts/remote/answer-schema.ts";
import type { RemoteFunction } from "../../scripts/remote/remote-function.ts";

/** The words of a made-up model: its greedy text, then what else it may say. */
const greedyWords = ["The", "capital", "of", "France", "is", "Paris", "and", "it", "is", "old"];

/**
 * A made-up function that keeps the contract: greedy where only the best is left, by the seed
 * otherwise.
 *
 * @param change a fault: makes another answer of the right one
 */
export function remoteFunction(
  change: (answer: RemoteAnswer, settings: GenerationSettings) => object = (answer) => answer,
): RemoteFunction {
  let isCold = true;
  return async (event) => {
    const exchange = { latencyMs: 100, billedMs: 90 };
    try {
      // What comes in is JSON: a string is the request's text.
      const { settings } = parseRequest(requestOfEvent(event), () => 5);
      const body = change(answerOf(settings, isCold), settings);
      isCold = false;
      return { statusCode: 200, body, ...exchange };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { status, body } = errorResponse(error, "id");
      return { statusCode: status, body, ...exchange };
    }
  };
}

function answerOf(settings: GenerationSettings, cold_start: boolean): RemoteAnswer {
  const isGreedy =
    settings.temperature === 0 ||
    settings.top_k === 1 ||
    settings.top_p === 0 ||
    settings.min_p === 1;
  const all = isGreedy ? greedyWords : greedyWords.map((word) => `${word}${settings.seed}`);
  const said = settings.repeat_penalty === 2 ? [...new Set(all)] : all;
  const words = said.slice(0, settings.n_predict);
  const text = words.join(" ");
  const [stop] = settings.stop;
  const isStopped = stop !== undefined && text.includes(stop);
  const unstoppedReason = words.length < said.length ? "length" : "stop";
  return {
    content: isStopped ? text.slice(0, text.indexOf(stop)) : text,
    model: "made-up",
    finish_reason: isStopped ? "stop_sequence" : unstoppedReason,
    tokens_evaluated: 5,
    tokens_predicted: words.length,
    seed: settings.seed,
    generation_settings: { ...settings },
    timings: { total_ms: 90, first_token_ms: 10, predicted_per_second: 100 },
    cold_start,
    restored: false,
  };
}
