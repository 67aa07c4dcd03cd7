/**
 * The body of `POST /completion`, for the fields that the runtime sends; others are ignored.
 * (launch_slot_with_task of examples/server/server.cpp, llama.cpp@1f86f058, read 2026-11.)
 */
import { type SamplingSettings, samplingSettings } from "./sampler.ts";

/** A refusal by llama-server, in its words. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly status: number;
  readonly type: string;

  constructor(message: string, status = 500, type = "server_error") {
    super(message);
    this.status = status;
    this.type = type;
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

/** What the runtime sends: these, and numbers for the sampler. */
interface CompletionBody {
  readonly prompt?: string | readonly number[];
  readonly stream?: boolean;
  readonly cache_prompt?: boolean;
  readonly n_predict?: number;
  readonly grammar?: string;
  readonly n_probs?: number;
  readonly logit_bias?: readonly (readonly [token: number, bias: number])[];
}

/** Reads a body. Throws ServerError. */
export function readCompletionRequest(body: CompletionBody): CompletionRequest {
  if (body.prompt === undefined) {
    throw new ServerError(
      '"prompt" must be a string, an array of token ids or an array of prompts',
    );
  }
  if (body.stream !== true) throw new ServerError("the reference engine always streams", 501);
  const numbers = body as Readonly<Record<string, number | undefined>>;
  return {
    prompt: body.prompt,
    cachesPrompt: body.cache_prompt ?? false,
    predictTokens: body.n_predict ?? -1,
    grammar: body.grammar ?? "",
    probabilities: body.n_probs ?? 0,
    sampling: {
      ...samplingSettings((name) => numbers[name]),
      logitBias: new Map(body.logit_bias),
    },
  };
}
