/** A model from its file, and memory for a text, with llama.cpp's messages about both. */
import { GgufError } from "../gguf-format.ts";
import { type EngineSettings, ProgramError } from "./command-line.ts";
import { loadModel, type Model, TextSession } from "./engine.ts";
import { ModelError } from "./hyper-parameters.ts";

/** A model in memory, and an empty text. */
export interface OpenEngine {
  readonly model: Model;
  readonly session: TextSession;
  readonly contextTokens: number;
  readonly microBatchTokens: number;
}

/**
 * Loads the model and allocates the context. `report` takes lines for stderr. Throws ProgramError,
 * with all of llama.cpp's lines and `lastLine` of the program.
 */
export function openEngine(
  settings: EngineSettings,
  report: (text: string) => void,
  lastLine = "",
): OpenEngine {
  const { modelPath, microBatchTokens } = settings;
  const model = load(settings, lastLine);
  const { metadata, tensors } = model.gguf;
  report(
    `llama_model_loader: loaded meta data with ${metadata.size} key-value pairs and ${tensors.length} tensors from ${modelPath} (version GGUF V3 (latest))\n`,
  );
  const contextTokens = contextSize(settings.contextTokens, model);
  const session = openSession(model, contextTokens, `'${modelPath}'\n${lastLine}`);
  report(`llama_new_context_with_model: n_ctx      = ${contextTokens}\n`);
  return { model, session, contextTokens, microBatchTokens };
}

function load({ modelPath, i2sBlock }: EngineSettings, lastLine: string): Model {
  try {
    return loadModel(modelPath, i2sBlock);
  } catch (cause) {
    const message = `${loadFailureReason(cause, modelPath)}
llama_load_model_from_file: failed to load model
common_init_from_params: failed to load model '${modelPath}'
${lastLine}`;
    throw new ProgramError(message, { cause });
  }
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

/** A system error in the words of the C library: "ENOENT: no such file …" without its code. */
function systemMessage(error: unknown): string {
  const words = /[A-Z0-9]+: ([^,]*)/.exec(String(error))?.[1] ?? "";
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The context in tokens: as set, at least 8, or the model's own; rounded up to a multiple of 32. */
function contextSize(asked: number, { parameters }: Model): number {
  const tokens = asked === 0 ? parameters.contextLength : Math.max(8, asked);
  return Math.ceil(tokens / 32) * 32;
}

function openSession(model: Model, contextTokens: number, ending: string): TextSession {
  try {
    return new TextSession(model, contextTokens);
  } catch (cause) {
    const message = `llama_kv_cache_init: failed to allocate buffer for kv cache
common_init_from_params: failed to create context with model ${ending}`;
    throw new ProgramError(message, { cause });
  }
}
