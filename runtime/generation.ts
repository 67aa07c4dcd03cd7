import type { SamplingValues } from "./request/sampling-parameters.ts";

/**
 * The domain: what an engine is asked and what it answers.
 * Setting names are llama.cpp's own (`n_predict`, `top_k`), as callers write them.
 */

/** The effective settings of one generation: every sampling parameter, and these. */
export interface GenerationSettings extends SamplingValues {
  /** Texts at which to stop; they are not part of the answer. */
  readonly stop: readonly string[];
  /** GBNF grammar that the answer must match, also where a JSON schema was asked for; "" is none. */
  readonly grammar: string;
}

/** A request to an engine: the prompt as the model sees it, without BOS, which the engine adds. */
export interface GenerationRequest {
  readonly prompt: string;
  readonly settings: GenerationSettings;
}

/** Token counts; `null` where the engine was stopped before it reported any. */
export interface Usage {
  /** Tokens of the prompt, BOS included. */
  readonly promptTokens: number | null;
  /**
   * Tokens generated, the end token included. When the engine was stopped from outside (stop
   * sequence, deadline) it prints no count: then the pieces of text received, a lower bound.
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
  | { readonly type: "text-delta"; readonly text: string }
  | {
      readonly type: "generation-end";
      readonly finishReason: Reason;
      readonly usage: Usage;
      readonly timings: Timings;
    };
