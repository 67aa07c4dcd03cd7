/**
 * Arguments to settings, by llama-cli's rules and with its error texts.
 *
 * Source: common_params_parse_ex and common_arg::to_string of common/arg.cpp, llama.cpp@1f86f058
 * (read 2026-11), and the recorded transcripts. LLAMA_ARG_* variables are not looked at.
 */
import {
  defaultSettings,
  FLAGS,
  type Flag,
  type FlagTarget,
  type LlamaCliSettings,
  NOT_IMPLEMENTED,
} from "./llama-cli-flags.ts";

/** What the command line asks for: a run, or a text to print and an end. */
export type LlamaCliRequest =
  | { readonly kind: "run"; readonly settings: LlamaCliSettings; readonly notes: readonly string[] }
  | { readonly kind: "print"; readonly text: string; readonly exitCode: number };

/** Parses the arguments behind the program's name. Prompt files are read at once. */
export function parseLlamaCliArguments(
  args: readonly string[],
  readFile: FlagTarget["readFile"],
): LlamaCliRequest {
  const target: FlagTarget = { settings: defaultSettings(), readFile, notes: [] };
  const queue = [...args];
  for (let given = queue.shift(); given !== undefined; given = queue.shift()) {
    const name = given.startsWith("--") ? given.replaceAll("_", "-") : given;
    const answer = ANSWERS[name];
    if (answer) return { kind: "print", text: answer(), exitCode: 0 };
    if (NOT_IMPLEMENTED.has(name)) {
      return failure(`error: ${name} is not implemented by the reference engine`);
    }
    const flag = FLAGS.find(({ names }) => names.includes(name));
    if (!flag) return failure(`error: invalid argument: ${name}`);
    try {
      applyFlag(flag, target, queue);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const usage = `usage:\n${describe(flag)}\n\nto show complete usage, run with -h`;
      return failure(`error while handling argument "${name}": ${reason}\n\n${usage}`);
    }
  }
  return { kind: "run", settings: target.settings, notes: target.notes };
}

function applyFlag(flag: Flag, target: FlagTarget, queue: string[]): void {
  const value = flag.hint ? queue.shift() : "";
  if (value === undefined) throw new Error("expected value for argument");
  flag.apply(target, value);
}

function failure(text: string): LlamaCliRequest {
  return { kind: "print", text: `${text}\n`, exitCode: 1 };
}

const ANSWERS: Readonly<Record<string, () => string>> = {
  "-h": help,
  "--help": help,
  "--usage": help,
  "--version": () => "version: 0 (reference)\nbuilt with TypeScript for Node.js\n",
};

function help(): string {
  const head = "The readable reference engine of bitnet-lambda, with llama-cli's command line.\n\n";
  return head + FLAGS.map(describe).join("");
}

const HELP_COLUMN = 40;
const HELP_WIDTH = 70;

/** One flag as llama-cli's usage shows it: names, value, and help in a column of its own. */
function describe({ names, hint, help: text }: Flag): string {
  const [first = "", ...others] = names;
  const short = others.length > 0 ? `${first}, `.padEnd(7) : first;
  const left = `${short}${others.join(", ")}${hint ? ` ${hint}` : ""}`;
  const isLong = left.length > HELP_COLUMN - 3;
  const start = isLong ? `${left}\n${" ".repeat(HELP_COLUMN)}` : left.padEnd(HELP_COLUMN);
  return `${start}${wrap(text).join(`\n${" ".repeat(HELP_COLUMN)}`)}\n`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && line.length + 1 + word.length > HELP_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line];
}
