/**
 * The body of `POST /completion`, for the fields that the runtime sends. As in llama-server,
 * unknown fields are ignored and a field of the wrong type counts as not given.
 * (launch_slot_with_task of examples/server/server.cpp, llama.cpp@1f86f058, read 2026-11.)
 */
import type { SamplingSettings } from "./sampler.ts";

/** The types of format_error_response of examples/server/utils.hpp, with their HTTP statuses. */
const statuses = {
  invalid_request_error: 400,
  not_found_error: 404,
  server_error: 500,
  not_supported_error: 501,
  unavailable_error: 503,
} as const;

/** A refusal by llama-server, in its words. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly type: keyof typeof statuses;

  constructor(type: keyof typeof statuses, message: string) {
    super(message);
    this.type = type;
  }

  /** The HTTP status. */
  get status(): number {
    return statuses[this.type];
  }

  /** The `error` of a body, or of an event. */
  toJSON(): object {
    return { code: this.status, message: this.message, type: this.type };
  }
}

/** A request for one answer. */
export interface CompletionRequest {
  /** A text, or its tokens, which are taken as they are: BOS is not added. */
  readonly prompt: string | readonly number[];
  /** Whether the state of a common prefix is reused from the request before. */
  readonly cachesPrompt: boolean;
  /** 0 generates one token, like 1; -1 ends only where the model does. */
  readonly predictTokens: number;
  /** In GBNF; empty for none. */
  readonly grammar: string;
  readonly sampling: SamplingSettings;
  /** Candidates to report with each token; 0 reports none. */
  readonly probabilities: number;
}

/** Reads a body; `defaults` has what it does not set. Throws ServerError. */
export function readCompletionRequest(
  body: unknown,
  defaults: SamplingSettings,
): CompletionRequest {
  const fields = fieldsOf(body);
  const { prompt, grammar } = fields;
  if (typeof prompt !== "string" && !isTokens(prompt)) {
    const message = '"prompt" must be a string, an array of token ids or an array of prompts';
    throw new ServerError("server_error", message);
  }
  if (fields.stream !== true) {
    throw new ServerError("not_supported_error", "the reference engine always streams");
  }
  const number = (name: string, fallback: number) => {
    const value = fields[name];
    return typeof value === "number" ? value : fallback;
  };
  const real = (name: string, fallback: number) => Math.fround(number(name, fallback));
  const integer = (name: string, fallback: number) => Math.trunc(number(name, fallback));
  return {
    prompt,
    cachesPrompt: fields.cache_prompt === true,
    predictTokens: integer("n_predict", -1),
    grammar: typeof grammar === "string" ? grammar : "",
    probabilities: integer("n_probs", 0),
    sampling: {
      logitBias: biasesOf(fields.logit_bias),
      temperature: real("temperature", defaults.temperature),
      topK: integer("top_k", defaults.topK),
      topP: real("top_p", defaults.topP),
      minP: real("min_p", defaults.minP),
      repeatPenalty: real("repeat_penalty", defaults.repeatPenalty),
      presencePenalty: real("presence_penalty", defaults.presencePenalty),
      frequencyPenalty: real("frequency_penalty", defaults.frequencyPenalty),
      repeatLastTokens: integer("repeat_last_n", defaults.repeatLastTokens),
      seed: integer("seed", defaults.seed),
    },
  };
}

/** Biases by token; what is not a pair of token and number is ignored. */
function biasesOf(biases: unknown): ReadonlyMap<number, number> {
  return new Map(Array.isArray(biases) ? biases.filter(isBias) : []);
}

function isBias(pair: unknown): pair is [number, number] {
  if (!Array.isArray(pair) || pair.length !== 2) return false;
  return Number.isInteger(pair[0]) && pair[0] >= 0 && typeof pair[1] === "number";
}

function isTokens(prompt: unknown): prompt is readonly number[] {
  return Array.isArray(prompt) && prompt.every((token) => Number.isInteger(token));
}

/** A body's fields by name. A body that is no object has none. */
export function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}
