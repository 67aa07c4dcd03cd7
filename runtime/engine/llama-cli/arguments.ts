import type { GenerationRequest } from "../../generation.ts";
import { samplingRows } from "../../request/sampling-parameters.ts";
import type { EngineOptions } from "../engine.ts";
import type { PromptCache } from "./prompt-cache.ts";

/** How far back the repetition penalty looks, in tokens: llama.cpp's own default, made explicit. */
export const repeatLastTokens = 64;

/**
 * Tokens computed at once during prefill. Larger ones crash a one-thread engine on prompts of 304
 * tokens and more, and cost memory without being faster (`bitnet-facts.md` §0.2, §2).
 */
export const microBatchTokens = 128;

/** llama.cpp rounds a context up to a multiple of this. */
const contextStep = 32;

/** Tokens beyond prompt and answer: BOS, and the four that llama-cli keeps free. */
const spareTokens = 5;

/** What the command line depends on besides the request. */
export type LlamaCliConfig = Pick<
  EngineOptions,
  "modelPath" | "contextTokens" | "threads" | "promptCache"
>;

/**
 * One request as llama-cli's command line, for the pinned engine. The prompt itself goes in through
 * standard input. Every sampling value is passed, since the engine's help misstates its defaults.
 */
export function llamaCliArguments(request: GenerationRequest, config: LlamaCliConfig): string[] {
  const { prompt, settings } = request;
  return [
    ["--model", config.modelPath],
    ["--threads", config.threads],
    ["--ctx-size", contextSize(prompt, settings.n_predict, config.contextTokens)],
    ["--ubatch-size", microBatchTokens],
    ...samplingRows.map(([name, { flag }]) => [flag, settings[name]]),
    ["--repeat-last-n", repeatLastTokens],
    settings.grammar === "" ? [] : ["--grammar", settings.grammar],
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

/** A state is loaded only for a prompt that begins as it does: it costs time to read. */
function promptCacheFlags(prompt: string, cache: PromptCache | undefined): string[][] {
  if (cache === undefined || !prompt.startsWith(cache.prefix)) return [];
  return [["--prompt-cache", cache.path], ["--prompt-cache-ro"]];
}

/**
 * Context that surely holds prompt and answer, since a token is at least one byte; at most `limit`.
 * Sized to the request because every call pays for it: on the 2B shape `-c 512` starts in 0.56 s
 * with 865 MB, `-c 2048` in 0.69 s with 981 MB.
 */
export function contextSize(prompt: string, predictTokens: number, limit: number): number {
  const needed = Buffer.byteLength(prompt) + predictTokens + spareTokens;
  return Math.min(limit, Math.ceil(needed / contextStep) * contextStep);
}
