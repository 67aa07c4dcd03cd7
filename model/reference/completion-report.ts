/**
 * What llama-server tells of an answer.
 *
 * Source: get_formated_generation, get_formated_timings, send_final_response of
 * examples/server/server.cpp, llama.cpp@1f86f058 (read 2026-11), and the recorded transcripts.
 */
import type { CompletionRequest } from "./completion-request.ts";

/** What is counted and timed of one answer. Times in milliseconds. */
export interface CompletionTimings {
  promptTokens: number;
  promptMs: number;
  predictedTokens: number;
  predictedMs: number;
}

/** `timings` of the last event. */
export function timingsReport(timings: CompletionTimings): object {
  const { promptTokens, promptMs, predictedTokens, predictedMs } = timings;
  return {
    prompt_n: promptTokens,
    prompt_ms: promptMs,
    prompt_per_token_ms: promptMs / promptTokens,
    prompt_per_second: (1e3 / promptMs) * promptTokens,
    predicted_n: predictedTokens,
    predicted_ms: predictedMs,
    predicted_per_token_ms: predictedMs / predictedTokens,
    predicted_per_second: (1e3 / predictedMs) * predictedTokens,
  };
}

/** What is the same for every request. */
export interface ServerFacts {
  readonly contextTokens: number;
  /** The model's name: its path. */
  readonly model: string;
  /** The most tokens of any answer; -1 for no limit. */
  readonly predictTokens: number;
}

/** What of a request is told in its settings, with the values in force. */
export type ToldRequest = Pick<
  CompletionRequest,
  "sampling" | "stop" | "predictTokens" | "isStreamed" | "grammar"
> & { readonly keepTokens: number; readonly seedInForce: number };

/** `generation_settings` of the last event. What this engine cannot do has its neutral value. */
export function settingsReport(facts: ServerFacts, request: ToldRequest): object {
  const { sampling } = request;
  return {
    n_ctx: facts.contextTokens,
    n_predict: facts.predictTokens,
    model: facts.model,
    seed: sampling.seed,
    seed_cur: request.seedInForce,
    temperature: Math.fround(sampling.temperature),
    dynatemp_range: 0,
    dynatemp_exponent: 1,
    top_k: sampling.topK,
    top_p: Math.fround(sampling.topP),
    min_p: Math.fround(sampling.minP),
    tfs_z: 1,
    typical_p: 1,
    repeat_last_n: sampling.repeatLastTokens,
    repeat_penalty: Math.fround(sampling.repeatPenalty),
    presence_penalty: 0,
    frequency_penalty: 0,
    mirostat: 0,
    mirostat_tau: 5,
    mirostat_eta: Math.fround(0.1),
    penalize_nl: false,
    stop: request.stop.map(String),
    max_tokens: request.predictTokens,
    n_keep: request.keepTokens,
    n_discard: 0,
    ignore_eos: false,
    stream: request.isStreamed,
    n_probs: 0,
    min_keep: 0,
    grammar: request.grammar,
    samplers: ["top_k", "tfs_z", "typ_p", "top_p", "min_p", "temperature"],
  };
}
