/**
 * The loop that both programs generate with: take tokens in, sample one, take that in.
 *
 * Mirrors what examples/main/main.cpp and examples/server/server.cpp of llama.cpp@1f86f058 (read
 * 2026-11) have in common.
 */
import type { TextSession } from "./engine.ts";
import type { RunCounts } from "./run-counts.ts";
import type { Sampler } from "./sampler.ts";

/** What a loop works with. */
export interface TokenLoopParts {
  /** The text so far. */
  readonly session: TextSession;
  readonly sampler: Sampler;
  /** What is to come before the answer; not empty. */
  readonly prompt: readonly number[];
  /** How many of the prompt's first tokens the session has already: they are not evaluated. */
  readonly knownTokens?: number;
  /** Called when all of the prompt has been taken in, before the first token is sampled. */
  readonly onPromptEnd?: () => void;
  readonly contextTokens: number;
  readonly batchTokens: number;
  readonly microBatchTokens: number;
  /** Whether a full context forgets half of what stands behind the first `keepTokens`. */
  readonly shiftsContext: boolean;
  readonly keepTokens: number;
  readonly counts: RunCounts;
  readonly clock: LoopClock;
}

/** Time, and who wants the loop to end. */
export interface LoopClock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Lets others in; called for every token. */
  pause(): Promise<void>;
  isInterrupted(): boolean;
}

/** Tokens about to be taken in: a batch of the prompt, or one that was sampled. */
export interface TokenStep {
  readonly tokens: readonly number[];
  readonly isPrompt: boolean;
}

/** One answer under way. */
export class TokenLoop {
  /** Why the steps ended, if the loop ended them. */
  ending: "interrupted" | "context-full" | undefined;
  /** Whether a part of the text was forgotten. */
  hasShifted = false;
  readonly #parts: TokenLoopParts;
  /** Scores of the token to come. */
  #logits: Float32Array = new Float32Array(0);

  constructor(parts: TokenLoopParts) {
    this.#parts = parts;
  }

  /** Every step before it is done: whoever goes no further spares it. */
  async *steps(): AsyncGenerator<TokenStep> {
    const { prompt, batchTokens, session, knownTokens = 0, onPromptEnd } = this.#parts;
    const batch = Math.max(1, batchTokens);
    for (let start = 0; start < prompt.length; start += batch) {
      const tokens = prompt.slice(start, start + batch);
      yield { tokens, isPrompt: true };
      if (!(await this.#takeIn(tokens.slice(Math.max(0, knownTokens - start))))) return;
    }
    if (knownTokens >= prompt.length) this.#logits = session.logits();
    onPromptEnd?.();
    for (;;) {
      const tokens = [this.#sample()];
      yield { tokens, isPrompt: false };
      if (!(await this.#takeIn(tokens))) return;
    }
  }

  /** Evaluates tokens, in batches. Resolves to false when the loop has to end. */
  async #takeIn(tokens: readonly number[]): Promise<boolean> {
    const { session, batchTokens, microBatchTokens, clock } = this.#parts;
    if (!this.#makeRoom(tokens.length)) return this.#end("context-full");
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

  /** Sees that `count` more tokens fit. Returns false when the text has to end here. */
  #makeRoom(count: number): boolean {
    const { session, contextTokens, shiftsContext, keepTokens } = this.#parts;
    if (session.length + count < contextTokens) return true;
    if (!shiftsContext) return false;
    session.discard(keepTokens, Math.floor((session.length - keepTokens) / 2));
    this.hasShifted = true;
    return true;
  }

  #countBatch(tokens: number, startMs: number): void {
    const { counts, clock } = this.#parts;
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
    const { counts, clock, sampler } = this.#parts;
    const startMs = clock.now();
    const token = sampler.choose(this.#logits);
    sampler.accept(token);
    counts.samples++;
    counts.sampleMs += clock.now() - startMs;
    return token;
  }
}
