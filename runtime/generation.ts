import type { SamplingValues } from "./request/sampling-parameters.ts";

/**
 * The domain: what an engine is asked and what it answers. Names of settings are llama.cpp's own.
 */

/** The effective settings of one generation: every sampling parameter, and these. */
export interface GenerationSettings extends SamplingValues {
  /** Texts at which to stop; they are not part of the answer. */
  readonly stop: readonly string[];
  /** GBNF grammar that the answer must match, also where a JSON schema was asked for; "" is none. */
  readonly grammar: string;
  /** Added to the scores of tokens before one is chosen; absent for none. */
  readonly logit_bias?: LogitBias;
}

/** Biases by token id. */
export type LogitBias = readonly (readonly [token: number, bias: number])[];

/** A request to an engine: the prompt as the model sees it, without BOS, which the engine adds. */
export interface GenerationRequest {
  readonly prompt: string;
  readonly settings: GenerationSettings;
  /** Each token shall come with its probability and those of so many others; absent for none. */
  readonly topLogprobs?: number;
  /** The number of its tokens shall come with the text, not only at the end. */
  readonly countsPrompt?: boolean;
}

/** A token and its probability. */
export interface TokenLogprob {
  readonly token: string;
  /** Its UTF-8, which may be a part of a character; `null` where the engine does not report it. */
  readonly bytes: readonly number[] | null;
  /** Natural logarithm of its probability among the candidates that were drawn from. */
  readonly logprob: number;
}

/** A token of an answer, with the likeliest candidates in its place, the best first. */
export interface ChosenToken extends TokenLogprob {
  readonly candidates: readonly TokenLogprob[];
}

/** Token counts; `null` where the engine was stopped before it reported any. */
export interface Usage {
  /** Tokens of the prompt, BOS included. */
  readonly promptTokens: number | null;
  /**
   * Tokens generated, the end token included; of an engine that was stopped the pieces of text, a lower
   * bound.
   */
  readonly predictedTokens: number;
}

/** Durations in milliseconds; `null` where the engine was stopped before it reported any. */
export interface Timings {
  readonly loadMs: number | null;
  readonly promptMs: number | null;
  readonly predictedMs: number | null;
  readonly promptTokensPerSecond: number | null;
  readonly predictedTokensPerSecond: number | null;
  /** Start of the engine's work to its first piece of text, measured here; `null` without text. */
  readonly firstTokenMs: number | null;
  /** Start of the engine's work to its end, measured here. */
  readonly totalMs: number;
}

/** Why an engine ended: end token, `n_predict` or context reached, or stopped by the signal. */
export type EngineFinishReason = "stop" | "length" | "aborted";

/** Why an answer ended, as it is reported to the caller. */
export type FinishReason = "stop" | "length" | "stop_sequence" | "deadline";

/** One step of a generation: any number of `text-delta`, then exactly one `generation-end`. */
export type GenerationEvent<Reason extends string = FinishReason> =
  | {
      readonly type: "text-delta";
      readonly text: string;
      /** The tokens that begin in it, where the request asked for them. */
      readonly tokens?: readonly ChosenToken[];
      /** Tokens of the prompt, where the request asked for them and they are known. */
      readonly promptTokens?: number;
    }
  | {
      readonly type: "generation-end";
      readonly finishReason: Reason;
      readonly usage: Usage;
      readonly timings: Timings;
    };
