/**
 * The loop with which both programs generate: evaluate tokens, sample one, evaluate that; as in
 * examples/main/main.cpp and examples/server/server.cpp of llama.cpp@1f86f058 (read 2026-11).
 */
import type { OpenEngine } from "./open-engine.ts";
import type { Sampler } from "./sampler.ts";

/** Tokens of a prompt that are evaluated before the next check for an end: llama.cpp's n_batch. */
export const batchTokens = 2048;

/** Counts and times of a run. Times in milliseconds. */
export class RunCounts {
  readonly startMs: number;
  loadMs = 0;
  /** Tokens evaluated in batches: the prompt, unless it is a single token. */
  promptTokens = 0;
  promptMs = 0;
  /** Tokens evaluated one by one. */
  evaluations = 0;
  evaluationMs = 0;
  /** Tokens that the sampler saw: prompt and answer, the end token included. */
  samples = 0;
  sampleMs = 0;

  constructor(startMs: number) {
    this.startMs = startMs;
  }
}

/** Dependencies of a loop. */
export interface TokenLoopOptions {
  readonly engine: OpenEngine;
  readonly sampler: Sampler;
  /** The tokens to evaluate before the answer; not empty. */
  readonly prompt: readonly number[];
  readonly counts: RunCounts;
  readonly clock: LoopClock;
}

/** The time, and interruptions. */
export interface LoopClock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Lets other tasks run; called for every token. */
  pause(): Promise<void>;
  isInterrupted(): boolean;
}

/** Tokens about to be evaluated: a batch of the prompt, or a sampled one. */
export interface TokenStep {
  readonly tokens: readonly number[];
  readonly isPrompt: boolean;
}

/** The generation of one answer. */
export class TokenLoop {
  /** Why the steps ended, if the loop ended them. */
  ending: "interrupted" | "context-full" | undefined;
  readonly #options: TokenLoopOptions;
  /** Scores of the token to come. */
  #logits: Float32Array = new Float32Array(0);

  constructor(options: TokenLoopOptions) {
    this.#options = options;
  }

  /** Yields each step before it is evaluated, so that the last one need not be. */
  async *steps(): AsyncGenerator<TokenStep> {
    const { prompt } = this.#options;
    for (let start = 0; start < prompt.length; start += batchTokens) {
      const tokens = prompt.slice(start, start + batchTokens);
      yield { tokens, isPrompt: true };
      if (!(await this.#evaluate(tokens))) return;
    }
    for (;;) {
      const tokens = [this.#sample()];
      yield { tokens, isPrompt: false };
      if (!(await this.#evaluate(tokens))) return;
    }
  }

  /** Evaluates tokens, in batches. Resolves to false when the loop has to end. */
  async #evaluate(tokens: readonly number[]): Promise<boolean> {
    const { engine, clock } = this.#options;
    const { session, contextTokens, microBatchTokens } = engine;
    if (session.length + tokens.length >= contextTokens) return this.#end("context-full");
    const size = Math.max(1, Math.min(batchTokens, microBatchTokens));
    for (let start = 0; start < tokens.length; start += size) {
      const batch = tokens.slice(start, start + size);
      const startMs = clock.now();
      for (const token of batch) {
        session.take(token, batch.length === 1);
        await clock.pause();
        if (clock.isInterrupted()) return this.#end("interrupted");
      }
      if (start + size >= tokens.length) this.#logits = session.logits();
      this.#countBatch(batch.length, startMs);
    }
    return true;
  }

  #end(ending: "interrupted" | "context-full"): false {
    this.ending = ending;
    return false;
  }

  #countBatch(tokens: number, startMs: number): void {
    const { counts, clock } = this.#options;
    const nowMs = clock.now();
    if (tokens === 1) {
      counts.evaluations++;
      counts.evaluationMs += nowMs - startMs;
    } else {
      counts.promptTokens += tokens;
      counts.promptMs += nowMs - startMs;
    }
    if (counts.loadMs === 0) counts.loadMs = nowMs - counts.startMs;
  }

  #sample(): number {
    const { counts, clock, sampler } = this.#options;
    const startMs = clock.now();
    const token = sampler.choose(this.#logits);
    sampler.accept(token);
    counts.samples++;
    counts.sampleMs += clock.now() - startMs;
    return token;
  }
}
