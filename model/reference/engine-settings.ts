/** Settings and flags that llama-cli and llama-server have in common. */
import { randomInt } from "node:crypto";
import { i2sBlockLength } from "../formats/i2s.ts";
import { type FlagTable, field, integer, real, refuse, unsigned } from "./command-line.ts";
import type { SamplingSettings } from "./sampler.ts";

/** Settings of llama-cli and llama-server alike. */
export interface EngineSettings {
  modelPath: string;
  /** 0 takes the length that the model was trained with. */
  contextTokens: number;
  /** Tokens of a prompt that are evaluated as one batch. */
  microBatchTokens: number;
  /** Weights to a block of I2_S. */
  i2sBlock: number;
  sampling: { -readonly [Key in keyof SamplingSettings]: SamplingSettings[Key] };
}

/** The programs' own defaults. The seed is random. */
export function defaultEngineSettings(): EngineSettings {
  return {
    modelPath: "models/7B/ggml-model-f16.gguf",
    contextTokens: 0,
    microBatchTokens: 512,
    i2sBlock: i2sBlockLength,
    sampling: {
      temperature: 0.8,
      topK: 40,
      topP: 0.95,
      minP: 0.05,
      repeatPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      repeatLastTokens: 64,
      seed: randomInt(2 ** 32 - 1),
    },
  };
}

/** The flags that the runtime sends to both programs. */
export const engineFlags: FlagTable<EngineSettings> = {
  "--model": field("modelPath", String),
  // This engine has one thread.
  "--threads": (_, value) => void integer(value),
  "--ctx-size": field("contextTokens", integer),
  "--ubatch-size": field("microBatchTokens", integer),
  // A full context always ends the answer here; without the flag llama.cpp would drop half of it.
  "--no-context-shift": () => {},
  // Not llama.cpp's. 64 is the fault of upstream's ARM kernels, to prove that the gate catches it.
  "--i2s-block": field("i2sBlock", (value) => {
    const block = integer(value);
    return block === 64 || block === 128 ? block : refuse("must be 128 or 64");
  }),
};

/** The flags of the sampler. llama-server gets these values with each request instead. */
export const samplingFlags: FlagTable<EngineSettings> = {
  "--temp": samplingField("temperature", (value) => Math.max(0, real(value))),
  "--top-k": samplingField("topK", integer),
  "--top-p": samplingField("topP", real),
  "--min-p": samplingField("minP", real),
  "--repeat-penalty": samplingField("repeatPenalty", real),
  "--presence-penalty": samplingField("presencePenalty", real),
  "--frequency-penalty": samplingField("frequencyPenalty", real),
  "--logit-bias": ({ sampling }, value) => {
    const [, token = "", bias = ""] = /^(\d+)([+-].+)$/.exec(value) ?? refuse("must be TOKEN+BIAS");
    sampling.logitBias = new Map([...(sampling.logitBias ?? []), [integer(token), real(bias)]]);
  },
  "--repeat-last-n": samplingField("repeatLastTokens", integer),
  "--seed": samplingField("seed", unsigned),
};

function samplingField<Name extends keyof SamplingSettings>(
  name: Name,
  parse: (value: string) => SamplingSettings[Name],
) {
  const apply = field<EngineSettings["sampling"], Name>(name, parse);
  return ({ sampling }: EngineSettings, value: string) => apply(sampling, value);
}
