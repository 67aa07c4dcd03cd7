/**
 * A run of the command line, from arguments to exit code. Everything it wants from outside comes in
 * as `LlamaCliWorld`, so that tests can run it inside themselves.
 */
import { parseCommandLine } from "./command-line.ts";
import { effectiveSampling } from "./effective-sampling.ts";
import type { Model } from "./engine.ts";
import { processEscapes } from "./escapes.ts";
import { LLAMA_CLI, type LlamaCliSettings } from "./llama-cli-flags.ts";
import { LlamaCliGeneration } from "./llama-cli-generation.ts";
import { LoadError, openEngine, warmUp } from "./open-engine.ts";
import { PromptCache } from "./prompt-cache.ts";
import { newRunCounts } from "./run-counts.ts";
import { RunError } from "./run-error.ts";
import { tokenizePrompt } from "./tokenizer.ts";

/** What a run needs from outside. */
export interface LlamaCliWorld {
  /** Throws the system's error. */
  readFile(path: string): Buffer;
  /** Writes all of a file or nothing: see `replaceFile`. Throws the system's error. */
  replaceFile(path: string, bytes: Uint8Array): void;
  /** Resolves when the bytes are handed on. */
  writeOutput(bytes: Uint8Array): Promise<void>;
  writeError(text: string): void;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** A seed, 0 to 2^32 - 1. */
  randomSeed(): number;
  /** Lets signals in; called for every token. */
  pause(): Promise<void>;
  /** Whether an interrupt (SIGINT) has come. */
  isInterrupted(): boolean;
}

/** Runs the command line. Resolves to the exit code. */
export async function runLlamaCli(args: readonly string[], world: LlamaCliWorld): Promise<number> {
  const request = parseCommandLine(LLAMA_CLI, args, (path) => world.readFile(path));
  if (request.kind === "print") {
    if (request.exitCode !== 0) world.writeError(request.text);
    else await world.writeOutput(Buffer.from(request.text));
    return request.exitCode;
  }
  for (const note of request.notes) world.writeError(`${note}\n`);
  const { settings } = request;
  return run(settings, settings.logs ? world : { ...world, ...SILENCE });
}

/** What `--log-disable` makes of both outputs. */
const SILENCE: Pick<LlamaCliWorld, "writeOutput" | "writeError"> = {
  writeOutput: async () => {},
  writeError: () => {},
};

async function run(settings: LlamaCliSettings, world: LlamaCliWorld): Promise<number> {
  const counts = newRunCounts(world.now());
  world.writeError("build: 0 (reference) with TypeScript for Node.js\nmain: llama backend init\n");
  world.writeError("main: load the model and apply lora adapter, if any\n");
  try {
    const { model, session, contextTokens } = openEngine(settings, (text) =>
      world.writeError(text),
    );
    if (settings.warmsUp) {
      warmUp(model);
      counts.loadMs = world.now() - counts.startMs;
      counts.startMs = world.now();
    }
    world.writeError("main: llama threadpool init, n_threads = 1\n\n");
    const promptCache = new PromptCache({ settings, world, model, session, contextTokens });
    promptCache.load();
    const prompt = promptTokens(settings, model, session.tokens);
    checkFits(prompt, contextTokens);
    promptCache.match(prompt);
    const sampling = effectiveSampling(settings.sampling, contextTokens, world.randomSeed);
    const effective = { ...settings, sampling: { ...sampling } };
    const parts = { settings: effective, world, counts, model, session, prompt, contextTokens };
    return await new LlamaCliGeneration({ ...parts, promptCache }).run();
  } catch (error) {
    if (error instanceof LoadError) {
      world.writeError(`${error.message}main: error: unable to load model\n\n`);
    } else if (error instanceof RunError) {
      world.writeError(`${error.message}\n`);
    } else {
      throw error;
    }
    return 1;
  }
}

/** The prompt's tokens; without a prompt, those of the saved session. */
function promptTokens(
  settings: LlamaCliSettings,
  model: Model,
  savedTokens: readonly number[],
): number[] {
  const bytes = settings.processesEscapes ? processEscapes(settings.prompt) : settings.prompt;
  if (bytes.length === 0 && savedTokens.length > 0) return [...savedTokens];
  const tokens = tokenizePrompt(decode(bytes), model.vocabulary);
  if (tokens.length === 0) throw new RunError("input is empty");
  return tokens;
}

function checkFits(prompt: readonly number[], contextTokens: number): void {
  if (prompt.length <= contextTokens - 4) return;
  throw new RunError(
    `main: prompt is too long (${prompt.length} tokens, max ${contextTokens - 4})\n`,
  );
}

/** UTF-8 to text. llama-cli dies of an exception on a prompt that is none. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new RunError("error: the prompt is not valid UTF-8", { cause });
  }
}
