import type { Engine, EngineOptions } from "./engine.ts";
import { LlamaCliEngine } from "./llama-cli/engine.ts";
import { LlamaServerEngine } from "./llama-server/engine.ts";

/** A row of {@link engines}. */
interface EngineRow {
  /** File name of its program, in the image's `/opt/bitnet/bin`. */
  readonly program: string;
  /** The environment variable that names another path. */
  readonly pathVariable: `BITNET_${string}`;
  /** It can begin a prompt from a state in a file (`BITNET_PROMPT_CACHE`). */
  readonly readsPromptCache: boolean;
  /** It stays loaded between requests. */
  readonly isResident: boolean;
  /** It reports the probabilities of its tokens. */
  readonly reportsLogprobs: boolean;
  readonly create: (options: EngineOptions) => Engine;
}

/**
 * The one table of engines, by the value of `BITNET_ENGINE`. To add one, add a row and its folder.
 */
export const engines = {
  /** One process for each request. */
  "llama-cli": {
    program: "llama-cli",
    pathVariable: "BITNET_LLAMA_CLI",
    readsPromptCache: true,
    isResident: false,
    reportsLogprobs: false,
    create: (options: EngineOptions): Engine => new LlamaCliEngine(options),
  },
  /** One process that keeps the model, and the last prompt's state, in memory. */
  "llama-server": {
    program: "llama-server",
    pathVariable: "BITNET_LLAMA_SERVER",
    readsPromptCache: false,
    isResident: true,
    reportsLogprobs: true,
    create: (options: EngineOptions): Engine => new LlamaServerEngine(options),
  },
} as const satisfies Readonly<Record<string, EngineRow>>;

/** Name of an engine. */
export type EngineName = keyof typeof engines;

/** Names of the engines. */
export const engineNames = Object.keys(engines) as readonly EngineName[];

/** Variables that name the path of an engine's program. */
export type EnginePathVariable = (typeof engines)[EngineName]["pathVariable"];
