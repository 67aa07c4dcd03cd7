import { statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { type Config, contextBounds } from "../config.ts";
import { AppError } from "../errors.ts";
import { contextStep, largestContext, memoryForContext, threadsFor } from "../lambda-sizing.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { engines } from "./engines.ts";
import { type PromptCache, usablePromptCache } from "./llama-cli/prompt-cache.ts";

/**
 * The engine that a configuration asks for, on this machine.
 *
 * @param onWarning called with what makes the engine slower than it could be
 */
export function createEngine(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
  onWarning: (event: string, reason: string) => void = () => {},
): Engine {
  const { create, pathVariable } = engines[config.engine];
  const context = contextOf(config);
  if (context.contextTokens < contextBounds.minimum) return tooLargeForMemory(config, context);
  return create({
    program: { path: config.enginePaths[config.engine], variable: pathVariable },
    modelPath: config.modelPath,
    ...context,
    killDelayMs: config.killDelayMs,
    threads: threadsFor({ ...config, visibleCpus: availableParallelism() }),
    environment,
    promptCache: promptCacheOf(config, (reason) => onWarning("prompt_cache_dropped", reason)),
    temporaryFolder: tmpdir(),
    now: () => performance.now(),
  });
}

type Context = Pick<EngineOptions, "contextTokens" | "memoryMiBFor">;

/** The configured context or, on Lambda, what of it the function's memory holds. */
function contextOf({ memoryMiB, modelPath, ...config }: Config): Context {
  // llama.cpp would round it up: prompts would fit one engine and not the other.
  const contextTokens = Math.floor(config.contextTokens / contextStep) * contextStep;
  const modelBytes = memoryMiB === undefined ? undefined : fileSize(modelPath);
  if (memoryMiB === undefined || modelBytes === undefined) return { contextTokens };
  const largest = largestContext(memoryMiB, modelBytes);
  if (largest >= contextTokens) return { contextTokens };
  return {
    contextTokens: largest,
    memoryMiBFor: (tokens) =>
      tokens <= contextTokens ? memoryForContext(tokens, modelBytes) : undefined,
  };
}

/** Bytes of a file; `undefined` where it is not there, which the engine reports. */
function fileSize(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

/** Stands for an engine whose model the function's memory cannot hold. */
function tooLargeForMemory({ memoryMiB }: Config, { memoryMiBFor }: Context): Engine {
  const enoughMiB = memoryMiBFor?.(contextBounds.minimum);
  const message = `the model does not fit into the function's ${memoryMiB} MB of memory: give it at least ${enoughMiB} MB`;
  return {
    // biome-ignore lint/correctness/useYield: it has nothing to yield.
    async *generate() {
      throw new AppError("context-exceeded", message);
    },
    checkHealth() {
      throw new AppError("engine-unavailable", message);
    },
    async settled() {},
    async stop() {},
  };
}

function promptCacheOf(
  config: Config,
  onDropped: (reason: string) => void,
): PromptCache | undefined {
  const { engine, enginePaths, modelPath, systemPrompt, promptCachePath } = config;
  if (!engines[engine].readsPromptCache) return undefined;
  if (systemPrompt === undefined || promptCachePath === undefined) return undefined;
  const programPath = enginePaths[engine];
  const inputs = { programPath, modelPath, systemPrompt, architecture: process.arch };
  return usablePromptCache(promptCachePath, inputs, onDropped);
}
