/**
 * llama-server's one slot: a text stays in memory between requests, so that a prefix that two
 * prompts share is evaluated once. As update_slots of examples/server/server.cpp,
 * llama.cpp@1f86f058 (read 2026-11): of the prompt, the penalties count only the reused tokens.
 */
import { CompletionAnswer } from "./completion-answer.ts";
import { type CompletionRequest, ServerError } from "./completion-request.ts";
import type { OpenEngine } from "./open-engine.ts";
import { Sampler } from "./sampler.ts";
import { readTokenGrammar } from "./token-grammar.ts";
import { type LoopClock, RunCounts, TokenLoop } from "./token-loop.ts";
import { lineFeedToken, tokenizePrompt } from "./tokenizer.ts";

/** Dependencies of a slot. */
export interface SlotDependencies extends Pick<LoopClock, "now" | "pause"> {
  writeError(text: string): void;
}

/** Answers one request at a time. */
export class CompletionSlot {
  readonly #engine: OpenEngine;
  readonly #dependencies: SlotDependencies;
  /** Whether the text in memory may be reused. */
  #isReusable = false;

  constructor(engine: OpenEngine, dependencies: SlotDependencies) {
    this.#engine = engine;
    this.#dependencies = dependencies;
  }

  /** Yields the events of an answer, until `isGone`. Throws ServerError at a full context. */
  async *answer(request: CompletionRequest, isGone: () => boolean): AsyncGenerator<object> {
    const { now, pause } = this.#dependencies;
    const startMs = now();
    const prompt = this.#fittingPrompt(request);
    const sampler = this.#sampler(request);
    const fresh = prompt.slice(this.#reusePrefix(prompt, request, sampler));
    const answer = new CompletionAnswer(this.#engine.model.vocabulary, request.predictTokens);
    let promptMs = 0;
    const loop = new TokenLoop({
      engine: this.#engine,
      sampler,
      prompt: fresh,
      counts: new RunCounts(startMs),
      clock: { now, pause, isInterrupted: isGone },
    });
    for await (const { tokens, isPrompt } of loop.steps()) {
      if (isPrompt) continue;
      if (answer.predictedTokens === 0) promptMs = now() - startMs;
      const event = answer.take(tokens[0] ?? -1, sampler.candidates);
      if (event) yield event;
      if (!answer.hasEnded) continue;
      return yield answer.end({
        promptTokens: prompt.length,
        freshTokens: fresh.length,
        promptMs,
        predictedMs: now() - startMs - promptMs,
      });
    }
    if (loop.ending === "context-full") {
      throw new ServerError("server_error", "context shift is disabled");
    }
  }

  #fittingPrompt({ prompt }: CompletionRequest): readonly number[] {
    const { model, contextTokens } = this.#engine;
    const tokens = typeof prompt === "string" ? tokenizePrompt(prompt, model.vocabulary) : prompt;
    if (tokens.length < contextTokens) return tokens;
    throw new ServerError(
      "invalid_request_error",
      "the request exceeds the available context size. try increasing the context size or enable context shift",
    );
  }

  #sampler({ grammar, sampling, probabilities }: CompletionRequest): Sampler {
    const { vocabulary } = this.#engine.model;
    const tokenGrammar = readTokenGrammar(grammar, vocabulary, this.#dependencies.writeError);
    return new Sampler(sampling, lineFeedToken(vocabulary), tokenGrammar, probabilities);
  }

  /** Keeps in memory the prefix shared with the prompt. Returns its length in tokens. */
  #reusePrefix(prompt: readonly number[], request: CompletionRequest, sampler: Sampler): number {
    const { session } = this.#engine;
    const isReused = request.cachesPrompt && this.#isReusable;
    const common = isReused ? commonPrefixLength(session.tokens, prompt) : 0;
    for (const token of prompt.slice(0, common)) sampler.acceptPrompt(token);
    // At least one token has to be evaluated, for the scores of the next.
    const length = Math.min(common, prompt.length - 1);
    session.rewind(length);
    this.#isReusable = request.cachesPrompt;
    return length;
  }
}

/** The length of the longest common prefix. */
function commonPrefixLength(one: readonly number[], other: readonly number[]): number {
  const length = one.findIndex((token, index) => token !== other[index]);
  return length < 0 ? one.length : length;
}
