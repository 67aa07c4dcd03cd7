import type { GenerationRequest } from "../../generation.ts";
import { contextStep } from "../../lambda-sizing.ts";
import { samplingRows } from "../../request/sampling-parameters.ts";
import type { EngineOptions } from "../engine.ts";
import type { PromptCache } from "./prompt-cache.ts";

/** How far back the repetition penalty looks, in tokens: llama.cpp's own default, made explicit. */
export const repeatLastTokens = 64;

/**
 * Tokens computed at once during prefill. Larger ones crash a one-thread engine on prompts of 304
 * tokens and more, and are no faster (measured on BitNet@01eb415).
 */
export const microBatchTokens = 128;

/** Tokens that llama-cli keeps free in a context. */
const freeTokens = 4;

/** The longest prompt that fits into a context, in tokens, BOS included. */
export function longestPrompt(contextTokens: number): number {
  return contextTokens - freeTokens;
}

/** The most tokens that prompt and answer can need of a context, since a token is at least one byte. */
export function mostTokens({ prompt, settings }: GenerationRequest): number {
  const bos = 1;
  return Buffer.byteLength(prompt) + bos + settings.n_predict + freeTokens;
}

/** What the command line depends on besides the request. */
export type LlamaCliConfig = Pick<
  EngineOptions,
  "modelPath" | "contextTokens" | "threads" | "promptCache"
>;

/**
 * One request as the pinned llama-cli's command line; the prompt goes in through standard input. Every
 * sampling value is passed, since the engine's help misstates its defaults.
 */
export function llamaCliArguments(request: GenerationRequest, config: LlamaCliConfig): string[] {
  const { prompt, settings } = request;
  return [
    ["--model", config.modelPath],
    ["--threads", config.threads],
    ["--ctx-size", contextSize(request, config.contextTokens)],
    ["--ubatch-size", microBatchTokens],
    ...samplingRows.map(([name, { flag }]) => [flag, settings[name]]),
    ["--repeat-last-n", repeatLastTokens],
    settings.grammar === "" ? [] : ["--grammar", settings.grammar],
    ...(settings.logit_bias ?? []).map(([token, bias]) => ["--logit-bias", biasOf(token, bias)]),
    ...promptCacheFlags(prompt, config.promptCache),
    // -bf keeps every byte; -f and -p do not.
    ["--binary-file", "/dev/stdin"],
    ["--no-escape"],
    ["--no-display-prompt"],
    ["--no-warmup"],
    // Stop at the end of the context instead of forgetting the middle of the conversation.
    ["--no-context-shift"],
    // Without context shift its only effect: the engine prints the number of prompt tokens.
    ["--keep", -1],
  ].flatMap((part) => part.map(String));
}

/** A bias as llama-cli takes it: `15043+1`, `15043-0.5`. */
function biasOf(token: number, bias: number): string {
  return `${token}${bias < 0 ? "-" : "+"}${Math.abs(bias)}`;
}

/** A state is loaded only for a prompt that begins as it does: it costs time to read. */
function promptCacheFlags(prompt: string, cache: PromptCache | undefined): string[][] {
  if (cache === undefined || !prompt.startsWith(cache.prefix)) return [];
  return [["--prompt-cache", cache.path], ["--prompt-cache-ro"]];
}

/** The memory in MiB that would hold a prompt and its answer, where memory bounds the context. */
export function memoryFor(
  { memoryMiBFor }: Pick<EngineOptions, "memoryMiBFor">,
  { settings }: GenerationRequest,
  promptTokens: number,
): number | undefined {
  const least = promptTokens + freeTokens;
  return memoryMiBFor?.(least + settings.n_predict) ?? memoryMiBFor?.(least);
}

/**
 * Context that surely holds prompt and answer, at most `limit`. Sized to the request because every call
 * pays for it: `-c 512` starts in 0.56 s with 865 MB, `-c 2048` in 0.69 s with 981 MB (2B shape).
 */
export function contextSize(request: GenerationRequest, limit: number): number {
  return Math.min(limit, Math.ceil(mostTokens(request) / contextStep) * contextStep);
}
