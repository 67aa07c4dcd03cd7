import type { GenerationRequest } from "../../generation.ts";
import type { EngineOptions } from "../engine.ts";
import { microBatchTokens, repeatLastTokens } from "../llama-cli/arguments.ts";

/** What llama-server's command line depends on. */
export type LlamaServerConfig = Pick<EngineOptions, "modelPath" | "contextTokens" | "threads">;

/** Where llama-server listens. It supports TCP only. */
export const serverHost = "127.0.0.1";

/** llama-server's command line, for the pinned engine: one model, one slot, one context. */
export function llamaServerArguments(config: LlamaServerConfig, port: number): string[] {
  return [
    ["--model", config.modelPath],
    ["--host", serverHost],
    ["--port", port],
    ["--threads", config.threads],
    ["--ctx-size", config.contextTokens],
    ["--ubatch-size", microBatchTokens],
    ["--parallel", 1],
    // Without it the middle of a conversation is forgotten when the context is full.
    ["--no-context-shift"],
  ].flatMap((part) => part.map(String));
}

/**
 * Candidates asked for where probabilities are wanted: enough to hold the chosen token, and for a sum
 * close to 1 at temperature 0, where the engine normalizes over these alone.
 */
const candidates = 100;

/**
 * The body of `POST /completion`. Streamed, or llama-server would not notice that its caller has gone.
 * Without stop strings: the pinned binary drops the text before one in its token; `generate.ts` cuts.
 *
 * @param freeTokens room that the prompt leaves in the context
 */
export function completionBody(request: GenerationRequest, freeTokens: number) {
  const { prompt, settings, topLogprobs } = request;
  const { n_predict, stop: _, grammar, ...sampling } = settings;
  return {
    prompt,
    ...sampling,
    n_predict: Math.min(n_predict, freeTokens),
    repeat_last_n: repeatLastTokens,
    ...(grammar !== "" && { grammar }),
    ...(topLogprobs !== undefined && { n_probs: candidates }),
    stream: true,
    cache_prompt: true,
  };
}

/** The body of a `POST /completion` that only reads a prompt, as text or tokens, into the cache. */
export function readingBody(prompt: string | readonly number[]) {
  return { prompt, n_predict: 0, temperature: 0, stream: true, cache_prompt: true };
}

/** A penalty on tokens that occurred before has an effect. */
export function hasPenalty({ settings }: GenerationRequest): boolean {
  const { repeat_penalty, frequency_penalty, presence_penalty } = settings;
  return repeat_penalty !== 1 || frequency_penalty !== 0 || presence_penalty !== 0;
}
