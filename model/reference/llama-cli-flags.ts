/**
 * The flags of llama-cli, as far as the reference engine knows them, in one table.
 *
 * Source: common/arg.cpp and common/common.h of llama.cpp@1f86f058 (read 2026-11).
 */
import type { GgufScalar, GgufValue } from "../gguf-value.ts";
import { I2S_BLOCK } from "./i2s.ts";
import type { SamplingSettings } from "./sampler.ts";

/** The seed that asks for a random one. */
export const RANDOM_SEED = 0xffffffff;

/** What the flags set. */
export interface LlamaCliSettings {
  modelPath: string;
  /** 0 takes the length that the model was trained with. */
  contextTokens: number;
  batchTokens: number;
  microBatchTokens: number;
  /** -1 never ends, -2 ends when the context is full. */
  predictTokens: number;
  /** -1 keeps the whole prompt. */
  keepTokens: number;
  prompt: Buffer;
  processesEscapes: boolean;
  displaysPrompt: boolean;
  printsVerbosePrompt: boolean;
  warmsUp: boolean;
  shiftsContext: boolean;
  logs: boolean;
  reversePrompts: Buffer[];
  overrides: Map<string, GgufValue>;
  i2sBlock: number;
  sampling: { -readonly [Key in keyof SamplingSettings]: SamplingSettings[Key] };
}

/** llama-cli's own defaults. */
export function defaultSettings(): LlamaCliSettings {
  return {
    modelPath: "models/7B/ggml-model-f16.gguf",
    contextTokens: 0,
    batchTokens: 2048,
    microBatchTokens: 512,
    predictTokens: -1,
    keepTokens: 0,
    prompt: Buffer.alloc(0),
    processesEscapes: true,
    displaysPrompt: true,
    printsVerbosePrompt: false,
    warmsUp: true,
    shiftsContext: true,
    logs: true,
    reversePrompts: [],
    overrides: new Map(),
    i2sBlock: I2S_BLOCK,
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

/** What a flag works on. */
export interface FlagTarget {
  readonly settings: LlamaCliSettings;
  /** Throws the system's error. */
  readonly readFile: (path: string) => Buffer;
  /** Lines for stderr. */
  readonly notes: string[];
}

/** One flag. `hint` names its value; a flag without hint takes none. */
export interface Flag {
  readonly names: readonly string[];
  readonly hint?: string;
  readonly help: string;
  /** Throws Error with llama-cli's own words. */
  readonly apply: (target: FlagTarget, value: string) => void;
}

/** Every flag that is understood. */
export const FLAGS: readonly Flag[] = [
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
    names: ["--keep"],
    hint: "N",
    help: "number of tokens to keep from the initial prompt (default: 0, -1 = all)",
    apply: set("keepTokens", integer),
  },
  {
    names: ["-p", "--prompt"],
    hint: "PROMPT",
    help: "prompt to start generation with",
    apply: set("prompt", Buffer.from),
  },
  {
    names: ["-f", "--file"],
    hint: "FNAME",
    help: "a file containing the prompt (default: none); one newline at its end is dropped",
    apply: appendPromptFile,
  },
  {
    names: ["-bf", "--binary-file"],
    hint: "FNAME",
    help: "binary file containing the prompt (default: none); every byte is kept",
    apply: setBinaryPromptFile,
  },
  {
    names: ["-e", "--escape"],
    help: "process escapes sequences (\\n, \\r, \\t, \\', \\\", \\\\) (default: true)",
    apply: set("processesEscapes", () => true),
  },
  {
    names: ["--no-escape"],
    help: "do not process escape sequences",
    apply: set("processesEscapes", () => false),
  },
  {
    names: ["--no-display-prompt"],
    help: "don't print prompt at generation (default: false)",
    apply: set("displaysPrompt", () => false),
  },
  {
    names: ["--verbose-prompt"],
    help: "print a verbose prompt before generation (default: false)",
    apply: set("printsVerbosePrompt", () => true),
  },
  {
    names: ["--no-warmup"],
    help: "skip warming up the model with an empty run",
    apply: set("warmsUp", () => false),
  },
  {
    names: ["--no-context-shift"],
    help: "end the answer when the context is full, instead of forgetting half of it",
    apply: set("shiftsContext", () => false),
  },
  {
    names: ["--simple-io"],
    help: "use basic IO for better compatibility in subprocesses; accepted, there is no other here",
    apply: () => {},
  },
  {
    names: ["--log-disable"],
    help: "log disable; silences standard output too",
    apply: set("logs", () => false),
  },
  {
    names: ["-r", "--reverse-prompt"],
    hint: "PROMPT",
    help: "halt generation at PROMPT",
    apply: ({ settings }, value) => void settings.reversePrompts.push(Buffer.from(value)),
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
];

/** Flags of llama-cli that need what this engine does not have. */
// biome-ignore format: one list
export const NOT_IMPLEMENTED: ReadonlySet<string> = new Set([
  "--grammar", "--grammar-file", "-j", "--json-schema", "--prompt-cache", "--prompt-cache-all",
  "--prompt-cache-ro", "-i", "--interactive", "-if", "--interactive-first", "-cnv",
  "--conversation", "--mirostat", "--tfs", "--typical", "--samplers", "--sampling-seq",
  "--presence-penalty", "--frequency-penalty", "--lora",
]);

function set<Key extends keyof LlamaCliSettings>(
  key: Key,
  parse: (value: string) => LlamaCliSettings[Key],
): Flag["apply"] {
  return ({ settings }, value) => {
    settings[key] = parse(value);
  };
}

function setSampling<Key extends keyof SamplingSettings>(
  key: Key,
  parse: (value: string) => SamplingSettings[Key],
): Flag["apply"] {
  return ({ settings }, value) => {
    settings.sampling[key] = parse(value);
  };
}

function appendPromptFile({ settings, readFile }: FlagTarget, path: string): void {
  const text = Buffer.concat([settings.prompt, open(path, readFile)]);
  settings.prompt = text.at(-1) === 0x0a ? text.subarray(0, -1) : text;
}

function setBinaryPromptFile({ settings, readFile, notes }: FlagTarget, path: string): void {
  settings.prompt = open(path, readFile);
  notes.push(`Read ${settings.prompt.length} bytes from binary file ${path}`);
}

function open(path: string, readFile: FlagTarget["readFile"]): Buffer {
  try {
    return readFile(path);
  } catch (cause) {
    throw new Error(`error: failed to open file '${path}'\n`, { cause });
  }
}

function addLogitBias({ settings }: FlagTarget, value: string): void {
  const [, token, sign, amount] = /^\s*([+-]?\d+)\s*([+-])(.+)$/.exec(value) ?? [];
  if (!token || !amount) fail("invalid input format");
  const bias = real(amount) * (sign === "-" ? -1 : 1);
  settings.sampling.logitBias = [...settings.sampling.logitBias, { token: integer(token), bias }];
}

function overrideMetadata({ settings }: FlagTarget, value: string): void {
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

/** std::stoi: leading space, a sign, digits; whatever follows is ignored. */
function integer(value: string): number {
  const number = Number(/^\s*([+-]?\d+)/.exec(value)?.[1] ?? fail("stoi"));
  return number === (number | 0) ? number : fail("stoi");
}

/** std::stoul, cut to 32 bits: -1 is the largest number. */
function unsigned(value: string): number {
  const digits = /^\s*\+?(-?\d+)/.exec(value)?.[1] ?? fail("stoul");
  return Number(BigInt.asUintN(32, BigInt(digits)));
}

const DECIMAL = /^\s*([+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan))/i;

/** std::stof. */
function real(value: string): number {
  const text = DECIMAL.exec(value)?.[1] ?? fail("stof");
  return Math.fround(Number(text.toLowerCase().replace(/inf(inity)?/, "Infinity")));
}

function i2sBlock(value: string): number {
  const block = integer(value);
  return block === 64 || block === 128 ? block : fail("must be 128 or 64");
}

function fail(message: string): never {
  throw new Error(message);
}
