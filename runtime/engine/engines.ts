import { availableParallelism, tmpdir } from "node:os";
import type { Config } from "../config.ts";
import { threadsFor } from "../lambda-sizing.ts";
import type { Engine } from "./engine.ts";
import type { EngineOptions } from "./engine-options.ts";
import { createLlamaCliEngine } from "./llama-cli/engine.ts";
import { usablePromptCache } from "./llama-cli/prompt-cache.ts";
import { createLlamaServerEngine } from "./llama-server/engine.ts";

/** `BITNET_ENGINE` → the engine. */
const engines = {
  "llama-cli": createLlamaCliEngine,
  "llama-server": createLlamaServerEngine,
} as const satisfies Record<Config["engine"], (options: EngineOptions) => Engine>;

/**
 * The engine that a configuration asks for, on this machine. Part of every composition root;
 * nothing else names an engine.
 *
 * @param environment this process's variables, of which the engine's process gets a few
 * @param onWarning told of what makes the engine slower than it could be
 */
export function createEngine(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
  onWarning: (event: string, reason: string) => void = () => {},
): Engine {
  return engines[config.engine]({
    config,
    promptCache: promptCacheOf(config, (reason) => onWarning("prompt-cache-dropped", reason)),
    threads: threadsFor({ ...config, visibleCpus: availableParallelism() }),
    environment,
    temporaryFolder: tmpdir(),
    now: () => performance.now(),
  });
}

/** The resident engine keeps the last prompt's state itself. */
function promptCacheOf(config: Config, onDropped: (reason: string) => void) {
  const { engine, systemPrompt, promptCachePath } = config;
  if (engine !== "llama-cli" || systemPrompt === undefined || promptCachePath === undefined) {
    return undefined;
  }
  const inputs = { ...config, systemPrompt, architecture: process.arch };
  return usablePromptCache(promptCachePath, inputs, onDropped);
}
