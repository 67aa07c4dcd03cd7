/**
 * The loop with which both programs generate: evaluate tokens, sample one, evaluate that; as in
 * examples/main/main.cpp and examples/server/server.cpp of llama.cpp@1f86f058 (read 2026-11).
 */
import { setImmediate } from "node:timers/promises";
import type { OpenEngine } from "./command-line.ts";
import type { Sampler } from "./sampler.ts";

/** Counts and times of a run. Times in milliseconds. */
export class RunCounts {
  readonly startMs = performance.now();
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
}

/** What an answer is generated with. */
interface TokenLoop {
  readonly engine: OpenEngine;
  readonly sampler: Sampler;
  /** The tokens to evaluate before the answer; not empty. */
  readonly prompt: readonly number[];
  readonly counts: RunCounts;
  /** Asked for every token; true ends the loop. */
  readonly isInterrupted: () => boolean;
}

/**
 * The tokens of an answer, without an end of its own but a full context. Each is yielded before it is
 * evaluated, so that the last one need not be.
 */
export async function* generatedTokens(loop: TokenLoop): AsyncGenerator<number> {
  const { counts, sampler, prompt, engine } = loop;
  let batch = prompt;
  while (await evaluate(batch, loop)) {
    const startMs = performance.now();
    const token = sampler.choose(engine.session.logits());
    sampler.accept(token);
    counts.samples++;
    counts.sampleMs += performance.now() - startMs;
    yield token;
    batch = [token];
  }
}

/** Evaluates tokens, in batches. Resolves to false when the loop has to end. */
async function evaluate(tokens: readonly number[], loop: TokenLoop): Promise<boolean> {
  const { engine, counts, isInterrupted } = loop;
  const { session, contextTokens, microBatchTokens } = engine;
  if (session.length + tokens.length >= contextTokens) return false;
  for (let start = 0; start < tokens.length; start += microBatchTokens) {
    const batch = tokens.slice(start, start + microBatchTokens);
    const startMs = performance.now();
    for (const token of batch) {
      session.take(token, batch.length === 1);
      // Lets other tasks run.
      await setImmediate();
      if (isInterrupted()) return false;
    }
    countBatch(counts, batch.length, performance.now() - startMs);
  }
  return true;
}

function countBatch(counts: RunCounts, tokens: number, ms: number): void {
  if (tokens === 1) {
    counts.evaluations++;
    counts.evaluationMs += ms;
  } else {
    counts.promptTokens += tokens;
    counts.promptMs += ms;
  }
  if (counts.loadMs === 0) counts.loadMs = performance.now() - counts.startMs;
}
