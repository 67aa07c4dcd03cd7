/** What llama.cpp's two programs have in common here: how flags are read, and a model opened. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { i2sBlockLength } from "../formats/i2s.ts";
import { GgufError } from "../gguf-format.ts";
import { loadModel, type Model, TextSession } from "./engine.ts";
import { ModelError } from "./hyper-parameters.ts";

/** Ends a program with exit code 1; `message` is what it writes to stderr. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

type Flags = NonNullable<ParseArgsConfig["options"]>;

/** The flags that the runtime sends to both programs, with the programs' own defaults. */
export const engineFlags = {
  model: { type: "string", default: "" },
  // 0 takes the length that the model was trained with.
  "ctx-size": { type: "string", default: "0" },
  // Tokens of a prompt that are evaluated as one batch.
  "ubatch-size": { type: "string", default: "512" },
  // Not llama.cpp's. 64 is the fault of upstream's ARM kernels, to prove that the gate catches it.
  "i2s-block": { type: "string", default: String(i2sBlockLength) },
  // Without effect: this engine has one thread, and a full context always ends the answer.
  threads: { type: "string" },
  "no-context-shift": { type: "boolean" },
} as const satisfies Flags;

/** The values of a program's flags. Throws ProgramError for a flag that is not among them. */
export function readFlags<Known extends Flags>(args: readonly string[], options: Known) {
  const joined: string[] = [];
  const queue = [...args];
  for (let flag = queue.shift(); flag !== undefined; flag = queue.shift()) {
    const isSwitch = options[flag.slice(2)]?.type === "boolean";
    // Joined, because a value may begin with a dash.
    joined.push(isSwitch ? flag : `${flag}=${queue.shift() ?? ""}`);
  }
  try {
    return parseArgs({ args: joined, options }).values;
  } catch (cause) {
    throw new ProgramError(`error: ${(cause as Error).message}`, { cause });
  }
}

/** The number that a flag's value is. Throws ProgramError. */
export function numberOf(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && !Number.isNaN(number)) return number;
  throw new ProgramError(`error: '${value}' is not a number`);
}

/** A model in memory, and an empty text. */
export interface OpenEngine {
  readonly model: Model;
  readonly session: TextSession;
  readonly contextTokens: number;
  readonly microBatchTokens: number;
}

/** Loads the model and allocates the context. Throws ProgramError in the words that the runtime knows. */
export function openEngine(
  flags: Readonly<Record<"model" | "ctx-size" | "ubatch-size" | "i2s-block", string>>,
): OpenEngine {
  const model = load(flags.model, numberOf(flags["i2s-block"]));
  const asked = numberOf(flags["ctx-size"]) || model.parameters.contextLength;
  // As in llama.cpp, a multiple of 32.
  const contextTokens = Math.ceil(Math.max(1, asked) / 32) * 32;
  const session = new TextSession(model, contextTokens);
  return { model, session, contextTokens, microBatchTokens: numberOf(flags["ubatch-size"]) };
}

function load(path: string, i2sBlock: number): Model {
  try {
    return loadModel(path, i2sBlock);
  } catch (cause) {
    if (cause instanceof ModelError || cause instanceof GgufError) {
      const isUnreadable = cause instanceof GgufError && cause.kind === "unreadable";
      const place = isUnreadable ? "gguf_init_from_file: failed to open" : "error loading model";
      throw new ProgramError(`${place} '${path}': ${cause.message}`, { cause });
    }
    throw cause;
  }
}
