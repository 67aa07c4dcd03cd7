import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, parseConfig } from "../../../runtime/config.ts";
import type { Engine, EngineOptions } from "../../../runtime/engine/engine.ts";
import { engines } from "../../../runtime/engine/engines.ts";
import { LlamaCliEngine } from "../../../runtime/engine/llama-cli/engine.ts";

/** The fake engine's executable; its scenario is the name of the model. */
export const fakeLlamaCli = join(import.meta.dirname, "../../fixtures/fake-llama-cli.mjs");

/** A configuration for the fake engine in one of its scenarios. */
export function fakeConfig(scenario: string, variables: Record<string, string> = {}): Config {
  return parseConfig({ BITNET_LLAMA_CLI: fakeLlamaCli, BITNET_MODEL: scenario, ...variables });
}

/** The options of an engine for a configuration, as the application makes them. */
export function engineOptions(config: Config, options: Partial<EngineOptions> = {}): EngineOptions {
  return {
    ...config,
    program: {
      path: config.enginePaths[config.engine],
      variable: engines[config.engine].pathVariable,
    },
    threads: 1,
    environment: process.env,
    temporaryFolder: tmpdir(),
    now: () => performance.now(),
    ...options,
  };
}

/** The llama-cli adapter on any configuration. */
export function llamaCliEngine(config: Config, options: Partial<EngineOptions> = {}): Engine {
  return new LlamaCliEngine(engineOptions(config, options));
}

/** The llama-cli adapter on the fake engine. */
export function fakeEngine(scenario: string, variables?: Record<string, string>): Engine {
  return llamaCliEngine(fakeConfig(scenario, variables));
}
