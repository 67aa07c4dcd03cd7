/**
 * The body of `POST /completion`, read by llama-server's rules: unknown fields and wrong types are
 * passed over. What this engine cannot do is refused instead of ignored.
 *
 * Source: launch_slot_with_task and create_tasks_cmpl of examples/server/server.cpp,
 * llama.cpp@1f86f058 (read 2026-11).
 */
import type { EngineSettings } from "./engine-settings.ts";
import { jsonSchemaGrammar } from "./json-schema-grammar.ts";
import { JsonError, type JsonValue } from "./json-value.ts";
import type { RequestFields } from "./request-fields.ts";
import type { SamplingSettings } from "./sampler.ts";
import { ServerError } from "./server-error.ts";
import { tokenize } from "./tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What one answer is asked for. */
export interface CompletionRequest {
  /** Text or tokens, told again in the answer. */
  readonly prompt: JsonValue;
  readonly isStreamed: boolean;
  /** Whether the state of the prompt's beginning is taken over from the last request. */
  readonly cachesPrompt: boolean;
  /** -1 ends where the model's training did. */
  readonly predictTokens: number;
  /** Kept by a context shift; undefined keeps as many as the last request. -1 keeps the prompt. */
  readonly keepTokens: number | undefined;
  readonly stop: readonly Buffer[];
  /** In GBNF; empty for none. */
  readonly grammar: string;
  readonly sampling: SamplingSettings;
}

/** What requests are read by: defaults and vocabulary. */
export interface RequestDefaults {
  readonly settings: EngineSettings;
  readonly vocabulary: Vocabulary;
}

/** Fields that need what this engine does not have, and the value that asks for nothing. */
const NOT_IMPLEMENTED: Readonly<Record<string, number | boolean>> = {
  dynatemp_range: 0,
  frequency_penalty: 0,
  min_keep: 0,
  mirostat: 0,
  n_discard: 0,
  n_probs: 0,
  penalize_nl: false,
  presence_penalty: 0,
  t_max_predict_ms: -1,
  tfs_z: 1,
  typical_p: 1,
};

/** The prompts of a body: one, or several that are answered one by one. Throws ServerError. */
export function readPrompts(fields: RequestFields): JsonValue[] {
  const prompt = fields.get("prompt");
  if (isPrompt(prompt)) return [prompt];
  if (Array.isArray(prompt) && prompt.every(isPrompt)) return prompt;
  throw new ServerError(
    "server_error",
    '"prompt" must be a string, an array of token ids or an array of prompts',
  );
}

/** Reads what a body asks for one of its prompts. Throws ServerError. */
export function readCompletionRequest(
  fields: RequestFields,
  prompt: JsonValue,
  { settings, vocabulary }: RequestDefaults,
): CompletionRequest {
  checkImplemented(fields);
  if (Array.isArray(prompt) && prompt.length === 0) {
    throw invalid('"prompt" must be a string, an array of strings or an array of integers');
  }
  const predictTokens = fields.integer("n_predict", fields.integer("max_tokens", -1));
  const most = settings.predictTokens;
  return {
    prompt,
    isStreamed: fields.boolean("stream", false),
    cachesPrompt: fields.boolean("cache_prompt", false),
    predictTokens: most > 0 ? Math.min(predictTokens, most) : predictTokens,
    keepTokens: fields.has("n_keep") ? fields.integer("n_keep", 0) : undefined,
    stop: readStop(fields),
    grammar: readGrammarText(fields, settings.grammar),
    sampling: readSampling(fields, settings.sampling, vocabulary),
  };
}

function isPrompt(value: JsonValue): boolean {
  return typeof value === "string" || (Array.isArray(value) && value.every(isNumber));
}

function isNumber(value: JsonValue): boolean {
  return typeof value === "bigint" || typeof value === "number";
}

function checkImplemented(fields: RequestFields): void {
  for (const [name, neutral] of Object.entries(NOT_IMPLEMENTED)) {
    const value =
      typeof neutral === "boolean" ? fields.boolean(name, neutral) : fields.real(name, neutral);
    if (value !== neutral) throw notImplemented(name);
  }
  if (Array.isArray(fields.get("samplers"))) throw notImplemented("samplers");
}

function notImplemented(name: string): ServerError {
  return new ServerError(
    "not_supported_error",
    `"${name}" is not implemented by the reference engine`,
  );
}

/** As in llama-server, a stop that is no list is passed over. */
function readStop(fields: RequestFields): Buffer[] {
  return fields.list("stop").map((word) => {
    if (typeof word === "string") return Buffer.from(word);
    // llama-server ends on this.
    throw invalid('"stop" must be an array of strings');
  });
}

function readGrammarText(fields: RequestFields, fallback: string): string {
  const hasSchema = fields.has("json_schema");
  if (hasSchema && fields.get("json_schema") !== null && fields.get("grammar") !== null) {
    throw invalid('Either "json_schema" or "grammar" can be specified, but not both');
  }
  if (!hasSchema || fields.has("grammar")) return fields.text("grammar", fallback);
  try {
    return jsonSchemaGrammar(fields.get("json_schema"));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw invalid(`"json_schema": ${error.message}`);
  }
}

function readSampling(
  fields: RequestFields,
  defaults: SamplingSettings,
  vocabulary: Vocabulary,
): SamplingSettings {
  return {
    temperature: fields.real("temperature", defaults.temperature),
    topK: fields.integer("top_k", defaults.topK),
    topP: fields.real("top_p", defaults.topP),
    minP: fields.real("min_p", defaults.minP),
    repeatPenalty: fields.real("repeat_penalty", defaults.repeatPenalty),
    repeatLastTokens: fields.integer("repeat_last_n", defaults.repeatLastTokens),
    // Of 32 bits without a sign: -1 is the seed that asks for a random one.
    seed: fields.integer("seed", defaults.seed) >>> 0,
    logitBias: readLogitBias(fields, vocabulary),
  };
}

function readLogitBias(
  fields: RequestFields,
  vocabulary: Vocabulary,
): SamplingSettings["logitBias"] {
  const { endOfText, size } = vocabulary;
  const noEnd = fields.boolean("ignore_eos", false)
    ? [{ token: endOfText, bias: Number.NEGATIVE_INFINITY }]
    : [];
  const given = fields.list("logit_bias").flatMap((entry) => {
    const [token = null, value = null] = Array.isArray(entry) ? entry : [];
    const bias = value === false ? Number.NEGATIVE_INFINITY : Math.fround(Number(value));
    if (value !== false && !isNumber(value)) return [];
    if (typeof token === "string") {
      return tokenize(token, vocabulary).map((each) => ({ token: each, bias }));
    }
    return typeof token === "bigint" && token >= 0 && token < size
      ? [{ token: Number(token), bias }]
      : [];
  });
  return [...noEnd, ...given];
}

function invalid(message: string): ServerError {
  return new ServerError("invalid_request_error", message);
}
