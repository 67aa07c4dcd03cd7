/**
 * A run of llama-cli's command line, from arguments to exit code, as examples/main/main.cpp of
 * llama.cpp@1f86f058 (read 2026-11). As there, a prompt that ends with an end token is answered
 * with nothing, and a NUL byte ends the text of its token.
 */
import {
  defaultEngineSettings,
  type EngineSettings,
  engineFlags,
  type FlagTable,
  field,
  integer,
  ProgramError,
  parseCommandLine,
  samplingFlags,
} from "./command-line.ts";
import { performanceReport, samplerReport } from "./llama-cli-report.ts";
import { type OpenEngine, openEngine } from "./open-engine.ts";
import { Sampler } from "./sampler.ts";
import { readTokenGrammar } from "./token-grammar.ts";
import { type LoopClock, RunCounts, TokenLoop } from "./token-loop.ts";
import { lineFeedToken, tokenizePrompt } from "./tokenizer.ts";
import { untilNul, type Vocabulary } from "./vocabulary.ts";

/** Dependencies of a run. */
export interface LlamaCliDependencies extends LoopClock {
  /** Throws the system's error. */
  readFile(path: string): Buffer;
  /** Resolves when the bytes are written. */
  writeOutput(bytes: Uint8Array | string): Promise<void>;
  writeError(text: string): void;
}

/** Settings by flags. */
interface LlamaCliSettings extends EngineSettings {
  /** Empty for an empty prompt. */
  promptPath: string;
  /** -1 ends only where the model or the context does. */
  predictTokens: number;
  /** Only printed: the runtime sends -1, which shows the length of the prompt. */
  keepTokens: number;
  /** What the answer has to follow, in GBNF; empty for none. */
  grammar: string;
}

const flags: FlagTable<LlamaCliSettings> = {
  ...engineFlags,
  ...samplingFlags,
  "--binary-file": field("promptPath", String),
  "--predict": field("predictTokens", integer),
  "--keep": field("keepTokens", integer),
  "--grammar": field("grammar", String),
  // Sent with every request: this engine always behaves like that.
  "--no-escape": () => {},
  "--no-display-prompt": () => {},
  "--no-warmup": () => {},
};

/** Runs the command line. Resolves to the exit code; 130 for an interrupted run. */
export async function runLlamaCli(
  args: readonly string[],
  dependencies: LlamaCliDependencies,
): Promise<number> {
  try {
    return await run(args, dependencies);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    dependencies.writeError(`${error.message}\n`);
    return 1;
  }
}

async function run(args: readonly string[], dependencies: LlamaCliDependencies): Promise<number> {
  const { writeError, now } = dependencies;
  const counts = new RunCounts(now());
  const defaults = { promptPath: "", predictTokens: -1, keepTokens: 0, grammar: "" };
  const settings = parseCommandLine(flags, { ...defaultEngineSettings(), ...defaults }, args);
  const promptText = readPrompt(settings.promptPath, dependencies);
  const engine = openEngine(settings, writeError, "main: error: unable to load model\n");
  const { vocabulary } = engine.model;
  const prompt = tokenizePrompt(promptText, vocabulary);
  checkFits(prompt, engine.contextTokens);
  const grammar = readTokenGrammar(settings.grammar, vocabulary, writeError);
  const sampler = new Sampler(settings.sampling, lineFeedToken(vocabulary), grammar);
  const keepTokens = keptTokens(settings.keepTokens, prompt, vocabulary);
  writeError(samplerReport({ ...settings, contextTokens: engine.contextTokens, keepTokens }));
  const generation = { settings, dependencies, counts, engine, prompt, sampler };
  const isComplete = settings.predictTokens === 0 || (await generate(generation));
  await dependencies.writeOutput(isComplete ? "\n\n" : "\n");
  writeError(performanceReport(counts, now()));
  if (isComplete) return 0;
  await dependencies.writeOutput("Interrupted by user\n");
  return 130;
}

function readPrompt(path: string, { readFile, writeError }: LlamaCliDependencies): string {
  if (path === "") return "";
  const bytes = readBinaryFile(path, readFile);
  writeError(`Read ${bytes.length} bytes from binary file ${path}\n`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    // llama-cli ends with an exception.
    throw new ProgramError("error: the prompt is not valid UTF-8", { cause });
  }
}

function readBinaryFile(path: string, readFile: LlamaCliDependencies["readFile"]): Buffer {
  try {
    return readFile(path);
  } catch (cause) {
    const reason = `error: failed to open file '${path}'\n`;
    throw new ProgramError(`error while handling argument "--binary-file": ${reason}`, { cause });
  }
}

function checkFits(prompt: readonly number[], contextTokens: number): void {
  if (prompt.length === 0) throw new ProgramError("input is empty");
  const longest = contextTokens - 4;
  if (prompt.length <= longest) return;
  throw new ProgramError(`main: prompt is too long (${prompt.length} tokens, max ${longest})\n`);
}

/** The n_keep that llama-cli prints: all of the prompt when out of range, else the BOS as well. */
function keptTokens(asked: number, prompt: readonly number[], vocabulary: Vocabulary): number {
  if (asked < 0 || asked > prompt.length) return prompt.length;
  return asked + (vocabulary.addsBeginningOfText ? 1 : 0);
}

/** One prompt, and all that it takes to answer it. */
interface Generation {
  readonly settings: LlamaCliSettings;
  readonly dependencies: LlamaCliDependencies;
  readonly counts: RunCounts;
  readonly engine: OpenEngine;
  readonly prompt: readonly number[];
  readonly sampler: Sampler;
}

/** Prints the answer. Resolves to false when it was interrupted. */
async function generate(generation: Generation): Promise<boolean> {
  const { settings, dependencies, counts, engine, prompt, sampler } = generation;
  const { vocabulary } = engine.model;
  const loop = new TokenLoop({ engine, sampler, prompt, counts, clock: dependencies });
  let predicted = 0;
  for await (const { tokens, isPrompt } of loop.steps()) {
    if (isPrompt) {
      for (const token of tokens) sampler.acceptPrompt(token);
      counts.samples += tokens.length;
    } else {
      predicted++;
      for (const token of tokens) {
        await dependencies.writeOutput(untilNul(vocabulary.bytesOf(token, false)));
      }
    }
    if (vocabulary.endOfGeneration.has(tokens.at(-1) ?? -1)) {
      await dependencies.writeOutput(" [end of text]\n");
      return true;
    }
    if (predicted === settings.predictTokens) return true;
  }
  return loop.ending !== "interrupted";
}
