/**
 * The command line of llama-cli, as far as the reference engine knows it.
 *
 * Source: common/arg.cpp and common/common.h of llama.cpp@1f86f058 (read 2026-11).
 */
import type { Program } from "./command-line.ts";
import { COMMON_FLAGS, NOT_IMPLEMENTED } from "./common-flags.ts";
import { defaultEngineSettings, type EngineSettings } from "./engine-settings.ts";
import { type Flag, type FlagTarget, openNamed, set } from "./flag.ts";
import { integer } from "./flag-values.ts";

/** What the flags set. */
export interface LlamaCliSettings extends EngineSettings {
  /** -1 keeps the whole prompt. */
  keepTokens: number;
  prompt: Buffer;
  processesEscapes: boolean;
  displaysPrompt: boolean;
  printsVerbosePrompt: boolean;
  warmsUp: boolean;
  /** Where the state behind the prompt is kept; empty for nowhere. */
  promptCachePath: string;
  /** Whether the answer is kept as well. */
  cachesAnswer: boolean;
  /** Whether the state is taken as it is, and never written. */
  isCacheReadOnly: boolean;
  reversePrompts: Buffer[];
}

/** llama-cli's own defaults. */
export function defaultSettings(): LlamaCliSettings {
  return {
    ...defaultEngineSettings(),
    keepTokens: 0,
    prompt: Buffer.alloc(0),
    processesEscapes: true,
    displaysPrompt: true,
    printsVerbosePrompt: false,
    warmsUp: true,
    promptCachePath: "",
    cachesAnswer: false,
    isCacheReadOnly: false,
    reversePrompts: [],
  };
}

/** Every flag that is understood. */
export const FLAGS: readonly Flag<LlamaCliSettings>[] = [
  ...COMMON_FLAGS,
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
    names: ["--prompt-cache"],
    hint: "FNAME",
    help: "file to cache prompt state for faster startup (default: none)",
    apply: set("promptCachePath", String),
  },
  {
    names: ["--prompt-cache-all"],
    help: "if specified, saves user input and generations to cache as well",
    apply: set("cachesAnswer", () => true),
  },
  {
    names: ["--prompt-cache-ro"],
    help: "if specified, uses the prompt cache but does not update it",
    apply: set("isCacheReadOnly", () => true),
  },
  {
    names: ["--simple-io"],
    help: "use basic IO for better compatibility in subprocesses; accepted, there is no other here",
    apply: () => {},
  },
  {
    names: ["-r", "--reverse-prompt"],
    hint: "PROMPT",
    help: "halt generation at PROMPT",
    apply: ({ settings }, value) => void settings.reversePrompts.push(Buffer.from(value)),
  },
];

/** llama-cli, for `parseCommandLine`. */
export const LLAMA_CLI: Program<LlamaCliSettings> = {
  name: "llama-cli",
  defaultSettings,
  flags: FLAGS,
  // biome-ignore format: one list
  notImplemented: new Set([
    ...NOT_IMPLEMENTED, "-i", "--interactive", "-if", "--interactive-first", "-cnv",
    "--conversation",
  ]),
};

function appendPromptFile(
  { settings, readFile }: FlagTarget<LlamaCliSettings>,
  path: string,
): void {
  const text = Buffer.concat([settings.prompt, openNamed(path, readFile)]);
  settings.prompt = text.at(-1) === 0x0a ? text.subarray(0, -1) : text;
}

function setBinaryPromptFile(
  { settings, readFile, notes }: FlagTarget<LlamaCliSettings>,
  path: string,
): void {
  settings.prompt = openNamed(path, readFile);
  notes.push(`Read ${settings.prompt.length} bytes from binary file ${path}`);
}
