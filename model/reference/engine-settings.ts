import { i2sBlockLength } from "../formats/i2s.ts";
import type { GgufValue } from "../gguf-format.ts";
import type { SamplingSettings } from "./sampler.ts";

/** The seed that asks for a random one. */
export const RANDOM_SEED = 0xffffffff;

/** What the flags of both programs set. */
export interface EngineSettings {
  modelPath: string;
  /** 0 takes the length that the model was trained with. */
  contextTokens: number;
  batchTokens: number;
  microBatchTokens: number;
  /** -1 never ends, -2 (llama-cli only) ends when the context is full. */
  predictTokens: number;
  shiftsContext: boolean;
  logs: boolean;
  overrides: Map<string, GgufValue>;
  i2sBlock: number;
  /** What answers have to follow, in GBNF; empty for none. */
  grammar: string;
  sampling: { -readonly [Key in keyof SamplingSettings]: SamplingSettings[Key] };
}

/** The programs' own defaults. */
export function defaultEngineSettings(): EngineSettings {
  return {
    modelPath: "models/7B/ggml-model-f16.gguf",
    contextTokens: 0,
    batchTokens: 2048,
    microBatchTokens: 512,
    predictTokens: -1,
    shiftsContext: true,
    logs: true,
    overrides: new Map(),
    i2sBlock: i2sBlockLength,
    grammar: "",
    sampling: {
      temperature: 0.8,
      topK: 40,
      topP: 0.95,
      minP: 0.05,
      repeatPenalty: 1,
      repeatLastTokens: 64,
      logitBias: [],
      seed: RANDOM_SEED,
    },
  };
}
