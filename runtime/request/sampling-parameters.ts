/** Bounds of a numeric field of a request. */
export interface NumberBounds {
  /** Whole numbers only. */
  readonly isInteger?: boolean;
  readonly minimum: number;
  /** The minimum itself is not allowed. */
  readonly isMinimumExclusive?: boolean;
  readonly maximum: number;
  /** Absent where the default is drawn at random. */
  readonly default?: number;
}

/** A sampling parameter; its key in {@link samplingParameters} is its name, which is llama.cpp's. */
export interface SamplingParameter extends NumberBounds {
  /** llama-cli's flag. In a request to llama-server the parameter has its own name. */
  readonly flag: string;
  /** OpenAI's names, where they differ; its routes then take these alone. */
  readonly openAiNames?: readonly string[];
  /** Other APIs' names, for "did you mean". */
  readonly aliases?: readonly string[];
  /** What it does, for the documentation. */
  readonly meaning: string;
}

/**
 * The one table of sampling parameters: schemas, settings, flags, bodies, messages and documentation
 * derive from it. To add a parameter, add a row.
 */
export const samplingParameters = {
  n_predict: {
    flag: "--predict",
    isInteger: true,
    minimum: 1,
    maximum: 4096,
    default: 128,
    openAiNames: ["max_tokens", "max_completion_tokens", "max_output_tokens"],
    aliases: ["max_new_tokens", "num_predict"],
    meaning: "tokens to generate at most",
  },
  temperature: {
    flag: "--temp",
    minimum: 0,
    maximum: 2,
    default: 0.7,
    meaning: "0 takes the best token each time",
  },
  top_p: {
    flag: "--top-p",
    minimum: 0,
    maximum: 1,
    default: 0.9,
    meaning: "keep the likeliest tokens that make up this share; 1 is off",
  },
  top_k: {
    flag: "--top-k",
    isInteger: true,
    minimum: 0,
    maximum: 1000,
    default: 40,
    meaning: "keep this many tokens; 0 is off",
  },
  repeat_penalty: {
    flag: "--repeat-penalty",
    minimum: 0,
    isMinimumExclusive: true,
    maximum: 2,
    default: 1.1,
    aliases: ["repetition_penalty"],
    meaning: "on the last 64 tokens; 1 is off",
  },
  frequency_penalty: {
    flag: "--frequency-penalty",
    minimum: -2,
    maximum: 2,
    default: 0,
    meaning: "on each of the last 64 tokens, as often as it occurs; 0 is off",
  },
  presence_penalty: {
    flag: "--presence-penalty",
    minimum: -2,
    maximum: 2,
    default: 0,
    meaning: "on each of the last 64 tokens, once; 0 is off",
  },
  min_p: {
    flag: "--min-p",
    minimum: 0,
    maximum: 1,
    default: 0.05,
    meaning: "drop tokens below this share of the best; 0 is off",
  },
  seed: {
    flag: "--seed",
    isInteger: true,
    minimum: 0,
    // llama.cpp reads 2^32-1 as "random".
    maximum: 2 ** 32 - 2,
    meaning: "same seed, same text; with a penalty, on the same engine",
  },
} as const satisfies Readonly<Record<string, SamplingParameter>>;

type Parameters = typeof samplingParameters;

/** Name of a sampling parameter. */
export type SamplingName = keyof Parameters;

/** Names of the parameters whose default is drawn at random. */
export type DrawnName = {
  [Name in SamplingName]: Parameters[Name] extends { readonly default: number } ? never : Name;
}[SamplingName];

/** A value for every sampling parameter. */
export type SamplingValues = { readonly [Name in SamplingName]: number };

/** The table's rows by name, each as the same type. */
export const samplingRows = Object.entries(samplingParameters) as readonly (readonly [
  SamplingName,
  SamplingParameter,
])[];
