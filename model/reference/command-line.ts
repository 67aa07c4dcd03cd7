/**
 * Arguments to settings, by the rules of llama.cpp's programs and with their error texts.
 *
 * Source: common_params_parse_ex and common_arg::to_string of common/arg.cpp, llama.cpp@1f86f058
 * (read 2026-11), and the recorded transcripts. LLAMA_ARG_* variables are not looked at.
 */
import type { Flag, FlagTarget } from "./flag.ts";

/** A program, as its command line shows it. */
export interface Program<Settings> {
  readonly name: string;
  readonly defaultSettings: () => Settings;
  readonly flags: readonly Flag<Settings>[];
  /** Flags that need what this engine does not have. */
  readonly notImplemented: ReadonlySet<string>;
}

/** What a command line asks for: a run, or a text to print and an end. */
export type CommandLine<Settings> =
  | { readonly kind: "run"; readonly settings: Settings; readonly notes: readonly string[] }
  | PrintedText;

/** A text to print: an answer when the exit code is 0, otherwise an error. */
export interface PrintedText {
  readonly kind: "print";
  readonly text: string;
  readonly exitCode: number;
}

/** Parses the arguments behind the program's name. Files that they name are read at once. */
export function parseCommandLine<Settings>(
  program: Program<Settings>,
  args: readonly string[],
  readFile: FlagTarget<Settings>["readFile"],
): CommandLine<Settings> {
  const settings = program.defaultSettings();
  const target: FlagTarget<Settings> = { settings, readFile, notes: [] };
  const queue = [...args];
  for (let given = queue.shift(); given !== undefined; given = queue.shift()) {
    const name = given.startsWith("--") ? given.replaceAll("_", "-") : given;
    const answer = ANSWERS[name];
    if (answer) return { kind: "print", text: answer(program), exitCode: 0 };
    if (program.notImplemented.has(name)) {
      return failure(`error: ${name} is not implemented by the reference engine`);
    }
    const flag = program.flags.find(({ names }) => names.includes(name));
    if (!flag) return failure(`error: invalid argument: ${name}`);
    try {
      applyFlag(flag, target, queue);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const usage = `usage:\n${describe(flag)}\n\nto show complete usage, run with -h`;
      return failure(`error while handling argument "${name}": ${reason}\n\n${usage}`);
    }
  }
  return { kind: "run", settings, notes: target.notes };
}

function applyFlag<Settings>(
  flag: Flag<Settings>,
  target: FlagTarget<Settings>,
  queue: string[],
): void {
  const value = flag.hint ? queue.shift() : "";
  if (value === undefined) throw new Error("expected value for argument");
  flag.apply(target, value);
}

function failure(text: string): PrintedText {
  return { kind: "print", text: `${text}\n`, exitCode: 1 };
}

const ANSWERS: Readonly<Record<string, (program: Shown) => string>> = {
  "-h": help,
  "--help": help,
  "--usage": help,
  "--version": () => "version: 0 (reference)\nbuilt with TypeScript for Node.js\n",
};

/** What the help tells of a program. */
interface Shown {
  readonly name: string;
  readonly flags: readonly ShownFlag[];
}

type ShownFlag = Pick<Flag<never>, "names" | "hint" | "help">;

function help({ name, flags }: Shown): string {
  const head = `The readable reference engine of bitnet-lambda, with ${name}'s command line.\n\n`;
  return head + flags.map(describe).join("");
}

const HELP_COLUMN = 40;
const HELP_WIDTH = 70;

/** One flag as llama-cli's usage shows it: names, value, and help in a column of its own. */
function describe({ names, hint, help: text }: ShownFlag): string {
  const [first = "", ...others] = names;
  const short = others.length > 0 ? `${first}, `.padEnd(7) : first;
  const left = `${short}${others.join(", ")}${hint ? ` ${hint}` : ""}`;
  const isLong = left.length > HELP_COLUMN - 3;
  const start = isLong ? `${left}\n${" ".repeat(HELP_COLUMN)}` : left.padEnd(HELP_COLUMN);
  return `${start}${text
    .split("\n")
    .flatMap(wrap)
    .join(`\n${" ".repeat(HELP_COLUMN)}`)}\n`;
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
