/**
 * The command lines of llama.cpp's programs, with their error messages: common_params_parse_ex of
 * common/arg.cpp, llama.cpp@1f86f058 (read 2026-11), and the recorded transcripts.
 */
import { randomInt } from "node:crypto";
import { i2sBlockLength } from "../formats/i2s.ts";
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

/** Ends a program with exit code 1; `message` is what it writes to stderr. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

/**
 * Flags by name. A function with two parameters takes the argument behind the flag; one with fewer
 * does not. Throws Error with the program's words for a value that it refuses.
 */
export type FlagTable<Settings> = Readonly<
  Record<string, (settings: Settings, value: string) => void>
>;

/** A flag that sets a field to its parsed value. */
export function field<Settings, Name extends keyof Settings>(
  name: Name,
  parse: (value: string) => Settings[Name],
) {
  return (settings: Settings, value: string): void => {
    settings[name] = parse(value);
  };
}

/** Applies the arguments behind the program's name to its settings. Throws ProgramError. */
export function parseCommandLine<Settings>(
  flags: FlagTable<Settings>,
  settings: Settings,
  args: readonly string[],
): Settings {
  const queue = [...args];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const apply = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!apply) throw new ProgramError(`error: invalid argument: ${name}`);
    const value = apply.length > 1 ? queue.shift() : "";
    try {
      apply(settings, value ?? refuse("expected value for argument"));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ProgramError(`error while handling argument "${name}": ${reason}`);
    }
  }
  return settings;
}

/** std::stoi: leading space, a sign, digits; whatever follows is ignored. */
export function integer(value: string): number {
  const number = Number(/^\s*([+-]?\d+)/.exec(value)?.[1] ?? refuse("stoi"));
  return number === (number | 0) ? number : refuse("stoi");
}

/** std::stoul of a number without a sign, cut to 32 bits. */
export function unsigned(value: string): number {
  return Number(/^\s*(\d+)/.exec(value)?.[1] ?? refuse("stoul")) >>> 0;
}

/** std::stof, without its words for infinity and for what is no number. */
export function real(value: string): number {
  const digits = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)/i.exec(value)?.[1];
  return Math.fround(Number(digits ?? refuse("stof")));
}

/** Refuses a flag's value in the program's words. */
export function refuse(reason: string): never {
  throw new Error(reason);
}
