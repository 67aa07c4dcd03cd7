import { availableParallelism, tmpdir } from "node:os";
import type { Config } from "./config.ts";
import type { Engine } from "./engine/engine.ts";
import { createLlamaCliEngine } from "./engine/llama-cli-engine.ts";
import { threadsFor } from "./lambda-sizing.ts";

/**
 * The engine that a configuration asks for, on this machine. Part of every composition root;
 * nothing else names an engine.
 *
 * @param environment this process's variables, of which the engine's process gets a few
 */
export function createEngine(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Engine {
  return createLlamaCliEngine({
    config,
    threads: threadsFor({ ...config, visibleCpus: availableParallelism() }),
    environment,
    temporaryFolder: tmpdir(),
    now: () => performance.now(),
  });
}
