import { availableParallelism, tmpdir } from "node:os";
import type { Config } from "../config.ts";
import { threadsFor } from "../lambda-sizing.ts";
import type { Engine } from "./engine.ts";
import { engines } from "./engines.ts";
import { type PromptCache, usablePromptCache } from "./llama-cli/prompt-cache.ts";

/**
 * The engine that a configuration asks for, on this machine.
 *
 * @param environment this process's variables, of which the engine's process gets a few
 * @param onWarning called with what makes the engine slower than it could be
 */
export function createEngine(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
  onWarning: (event: string, reason: string) => void = () => {},
): Engine {
  const { create, pathVariable } = engines[config.engine];
  return create({
    program: { path: config.enginePaths[config.engine], variable: pathVariable },
    modelPath: config.modelPath,
    contextTokens: config.contextTokens,
    killDelayMs: config.killDelayMs,
    threads: threadsFor({ ...config, visibleCpus: availableParallelism() }),
    environment,
    promptCache: promptCacheOf(config, (reason) => onWarning("prompt_cache_dropped", reason)),
    temporaryFolder: tmpdir(),
    now: () => performance.now(),
  });
}

function promptCacheOf(
  config: Config,
  onDropped: (reason: string) => void,
): PromptCache | undefined {
  const { engine, enginePaths, modelPath, systemPrompt, promptCachePath } = config;
  if (!engines[engine].readsPromptCache) return undefined;
  if (systemPrompt === undefined || promptCachePath === undefined) return undefined;
  const inputs = {
    programPath: enginePaths[engine],
    modelPath,
    systemPrompt,
    architecture: process.arch,
  };
  return usablePromptCache(promptCachePath, inputs, onDropped);
}
