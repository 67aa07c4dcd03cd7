/**
 * A run of the command line, from arguments to exit code. Everything it wants from outside comes in
 * as `LlamaCliWorld`, so that tests can run it inside themselves.
 */
import { GgufError } from "../gguf-error.ts";
import { loadModel, type Model, TextSession } from "./engine.ts";
import { processEscapes } from "./escapes.ts";
import { ModelError } from "./hyper-parameters.ts";
import { parseLlamaCliArguments } from "./llama-cli-arguments.ts";
import { type LlamaCliSettings, RANDOM_SEED } from "./llama-cli-flags.ts";
import { LlamaCliGeneration } from "./llama-cli-generation.ts";
import { newRunCounts } from "./llama-cli-report.ts";
import { tokenizePrompt } from "./tokenizer.ts";

/** What a run needs from outside. */
export interface LlamaCliWorld {
  /** Throws the system's error. */
  readFile(path: string): Buffer;
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
  const request = parseLlamaCliArguments(args, (path) => world.readFile(path));
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
    const model = load(settings, world);
    const contextTokens = contextSize(settings.contextTokens, model);
    const session = openSession(model, contextTokens, settings.modelPath);
    world.writeError(`llama_new_context_with_model: n_ctx      = ${contextTokens}\n`);
    if (settings.warmsUp) {
      warmUp(model);
      counts.loadMs = world.now() - counts.startMs;
      counts.startMs = world.now();
    }
    world.writeError("main: llama threadpool init, n_threads = 1\n\n");
    const prompt = promptTokens(settings, model, contextTokens);
    const sampling = { ...settings.sampling };
    if (sampling.seed === RANDOM_SEED) sampling.seed = world.randomSeed();
    if (sampling.repeatLastTokens < 0) sampling.repeatLastTokens = contextTokens;
    const effective = { ...settings, sampling };
    const parts = { settings: effective, world, counts, model, session, prompt, contextTokens };
    return await new LlamaCliGeneration(parts).run();
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    world.writeError(`${error.message}\n`);
    return 1;
  }
}

/** Ends the run with exit code 1; `message` is llama-cli's, all lines of it. */
class RunError extends Error {
  override readonly name = "RunError";
}

function load({ modelPath, i2sBlock, overrides }: LlamaCliSettings, world: LlamaCliWorld): Model {
  try {
    const model = loadModel(modelPath, { i2sBlock, overrides });
    const counted = `${model.gguf.metadata.size} key-value pairs and ${model.gguf.tensors.length} tensors`;
    world.writeError(
      `llama_model_loader: loaded meta data with ${counted} from ${modelPath} (version GGUF V3 (latest))\n`,
    );
    return model;
  } catch (error) {
    throw new RunError(loadFailure(error, modelPath), { cause: error });
  }
}

function loadFailure(error: unknown, path: string): string {
  return `${loadFailureReason(error, path)}
llama_load_model_from_file: failed to load model
common_init_from_params: failed to load model '${path}'
main: error: unable to load model
`;
}

function loadFailureReason(error: unknown, path: string): string {
  const loading = "llama_model_load: error loading model:";
  if (error instanceof ModelError) return `${loading} ${error.message}`;
  if (!(error instanceof GgufError)) throw error;
  if (error.kind === "data-missing") return `${loading} ${error.message}`;
  const reason =
    error.kind === "unreadable"
      ? `failed to open '${path}': '${systemMessage(error.cause)}'`
      : error.message;
  return `gguf_init_from_file: ${reason}\n${loading} llama_model_loader: failed to load model from ${path}\n`;
}

/** "ENOENT: no such file or directory, open …" as the C library words it. */
function systemMessage(cause: unknown): string {
  const words = /[A-Z0-9]+: ([^,]*)/.exec(String(cause))?.[1] ?? "";
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The context asked for, at least 8, or the model's own; rounded up to a multiple of 32. */
function contextSize(asked: number, { parameters }: Model): number {
  const tokens = asked === 0 ? parameters.contextLength : Math.max(8, asked);
  return Math.ceil(tokens / 32) * 32;
}

function openSession(model: Model, contextTokens: number, modelPath: string): TextSession {
  try {
    return new TextSession(model, contextTokens);
  } catch (cause) {
    const message = `llama_kv_cache_init: failed to allocate buffer for kv cache
common_init_from_params: failed to create context with model '${modelPath}'
main: error: unable to load model
`;
    throw new RunError(message, { cause });
  }
}

function warmUp(model: Model): void {
  const { beginningOfText, endOfText } = model.vocabulary;
  const session = new TextSession(model, 32);
  session.takeBatch([beginningOfText, endOfText]);
  session.logits();
}

function promptTokens(settings: LlamaCliSettings, model: Model, contextTokens: number): number[] {
  const bytes = settings.processesEscapes ? processEscapes(settings.prompt) : settings.prompt;
  const tokens = tokenizePrompt(decode(bytes), model.vocabulary);
  if (tokens.length === 0) throw new RunError("input is empty");
  if (tokens.length > contextTokens - 4) {
    throw new RunError(
      `main: prompt is too long (${tokens.length} tokens, max ${contextTokens - 4})\n`,
    );
  }
  return tokens;
}

/** UTF-8 to text. llama-cli dies of an exception on a prompt that is none. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new RunError("error: the prompt is not valid UTF-8", { cause });
  }
}
