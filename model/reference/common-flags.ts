/**
 * The flags that llama-cli and llama-server share, as far as the reference engine knows them.
 *
 * Source: common/arg.cpp and common/common.h of llama.cpp@1f86f058 (read 2026-11).
 */
import type { GgufScalar } from "../gguf-format.ts";
import type { EngineSettings } from "./engine-settings.ts";
import { type Flag, type FlagTarget, openNamed, set } from "./flag.ts";
import { fail, integer, real, unsigned } from "./flag-values.ts";
import { readJson } from "./json-reader.ts";
import { jsonSchemaGrammar } from "./json-schema-grammar.ts";
import type { SamplingSettings } from "./sampler.ts";

/** Every shared flag that is understood. */
export const COMMON_FLAGS: readonly Flag<EngineSettings>[] = [
  {
    names: ["-m", "--model"],
    hint: "FNAME",
    help: "model path",
    apply: set("modelPath", String),
  },
  {
    names: ["-t", "--threads"],
    hint: "N",
    help: "number of threads; accepted, but this engine has one",
    apply: (_, value) => void integer(value),
  },
  {
    names: ["-tb", "--threads-batch"],
    hint: "N",
    help: "number of threads for prompts; accepted, but this engine has one",
    apply: (_, value) => void integer(value),
  },
  {
    names: ["-c", "--ctx-size"],
    hint: "N",
    help: "size of the prompt context (default: 0, 0 = loaded from model)",
    apply: set("contextTokens", integer),
  },
  {
    names: ["-b", "--batch-size"],
    hint: "N",
    help: "logical maximum batch size (default: 2048); has no effect on speed in this engine",
    apply: set("batchTokens", integer),
  },
  {
    names: ["-ub", "--ubatch-size"],
    hint: "N",
    help: "physical maximum batch size (default: 512); has no effect on speed in this engine",
    apply: set("microBatchTokens", integer),
  },
  {
    names: ["-n", "--predict", "--n-predict"],
    hint: "N",
    help: "number of tokens to predict (default: -1, -1 = infinity, -2 = until context filled)",
    apply: set("predictTokens", integer),
  },
  {
    names: ["--no-context-shift"],
    help: "end the answer when the context is full, instead of forgetting half of it",
    apply: set("shiftsContext", () => false),
  },
  {
    names: ["--log-disable"],
    help: "log disable; silences standard output too",
    apply: set("logs", () => false),
  },
  {
    names: ["--override-kv"],
    hint: "KEY=TYPE:VALUE",
    help: "override model metadata by key; types: int, float, bool, str; can be repeated",
    apply: overrideMetadata,
  },
  {
    names: ["-s", "--seed"],
    hint: "SEED",
    help: "RNG seed (default: -1, use random seed for -1)",
    apply: setSampling("seed", unsigned),
  },
  {
    names: ["--temp"],
    hint: "N",
    help: "temperature (default: 0.8, 0 = always the best token)",
    apply: setSampling("temperature", (value) => Math.max(0, real(value))),
  },
  {
    names: ["--top-k"],
    hint: "N",
    help: "top-k sampling (default: 40, 0 = disabled)",
    apply: setSampling("topK", integer),
  },
  {
    names: ["--top-p"],
    hint: "N",
    help: "top-p sampling (default: 0.95, 1.0 = disabled)",
    apply: setSampling("topP", real),
  },
  {
    names: ["--min-p"],
    hint: "N",
    help: "min-p sampling (default: 0.05, 0.0 = disabled)",
    apply: setSampling("minP", real),
  },
  {
    names: ["--repeat-last-n"],
    hint: "N",
    help: "last n tokens to consider for penalize (default: 64, 0 = disabled, -1 = ctx_size)",
    apply: setSampling("repeatLastTokens", integer),
  },
  {
    names: ["--repeat-penalty"],
    hint: "N",
    help: "penalize repeat sequence of tokens (default: 1.0, 1.0 = disabled)",
    apply: setSampling("repeatPenalty", real),
  },
  {
    names: ["-l", "--logit-bias"],
    hint: "TOKEN_ID(+/-)BIAS",
    help: "make a token more likely, as in `--logit-bias 15043+1`, or less, as in `15043-1`",
    apply: addLogitBias,
  },
  {
    names: ["--i2s-block"],
    hint: "N",
    help: "weights to a block of I2_S (default: 128; llama-cli has no such flag). 64 is the fault of upstream ARM kernels, for proving that the gate catches it",
    apply: set("i2sBlock", i2sBlock),
  },
  {
    names: ["--grammar"],
    hint: "GRAMMAR",
    help: "BNF-like grammar to constrain generations",
    apply: set("grammar", String),
  },
  {
    names: ["--grammar-file"],
    hint: "FNAME",
    help: "file to read grammar from",
    apply: ({ settings, readFile }, path) => {
      settings.grammar = openNamed(path, readFile).toString();
    },
  },
  {
    names: ["-j", "--json-schema"],
    hint: "SCHEMA",
    help: "JSON schema to constrain generations (https://json-schema.org/), e.g. `{}` for any JSON object\nFor schemas w/ external $refs, use --grammar + example/json_schema_to_grammar.py instead",
    apply: set("grammar", (value) => jsonSchemaGrammar(readJson(Buffer.from(value)))),
  },
];

/** Flags of both programs that need what this engine does not have. */
// biome-ignore format: one list
export const NOT_IMPLEMENTED: ReadonlySet<string> = new Set([
  "--mirostat", "--tfs", "--typical", "--samplers", "--sampling-seq", "--presence-penalty",
  "--frequency-penalty", "--lora",
]);

function setSampling<Key extends keyof SamplingSettings>(
  key: Key,
  parse: (value: string) => SamplingSettings[Key],
): Flag<EngineSettings>["apply"] {
  return ({ settings }, value) => {
    settings.sampling[key] = parse(value);
  };
}

function addLogitBias({ settings }: FlagTarget<EngineSettings>, value: string): void {
  const [, token, sign, amount] = /^\s*([+-]?\d+)\s*([+-])(.+)$/.exec(value) ?? [];
  if (!token || !amount) fail("invalid input format");
  const bias = real(amount) * (sign === "-" ? -1 : 1);
  settings.sampling.logitBias = [...settings.sampling.logitBias, { token: integer(token), bias }];
}

function overrideMetadata({ settings }: FlagTarget<EngineSettings>, value: string): void {
  const [, key, type, text = ""] = /^([^=]+)=(int|float|bool|str):(.*)$/s.exec(value) ?? [];
  if (!key || !type) fail(`error: Invalid type for KV override: ${value}\n`);
  const override = OVERRIDES[type as keyof typeof OVERRIDES];
  settings.overrides.set(key, { type: override.type, value: override.parse(text) });
}

const OVERRIDES = {
  int: { type: "i32", parse: integer },
  float: { type: "f32", parse: real },
  bool: { type: "bool", parse: (text) => text === "true" },
  str: { type: "string", parse: (text) => text },
} as const satisfies Record<string, { type: string; parse: (text: string) => GgufScalar }>;

function i2sBlock(value: string): number {
  const block = integer(value);
  return block === 64 || block === 128 ? block : fail("must be 128 or 64");
}
