/**
 * llama-server's one slot: a text that stays in memory between requests, so that a prompt that
 * begins like the last one need not be taken in again.
 *
 * Mirrors update_slots of examples/server/server.cpp, llama.cpp@1f86f058 (read 2026-11), quirks
 * included: the repetition penalty sees those tokens of the prompt only that were taken over from
 * the last request; a prompt that is too long loses its middle in silence.
 */
import { commonBeginning } from "./common-beginning.ts";
import { CompletionAnswer } from "./completion-answer.ts";
import { type ServerFacts, settingsReport } from "./completion-report.ts";
import type { CompletionRequest } from "./completion-request.ts";
import { contentTokens } from "./content-tokens.ts";
import { effectiveSampling } from "./effective-sampling.ts";
import type { LlamaServerSettings } from "./llama-server-flags.ts";
import type { OpenEngine } from "./open-engine.ts";
import { newRunCounts } from "./run-counts.ts";
import { Sampler, type SamplingSettings } from "./sampler.ts";
import { ServerError } from "./server-error.ts";
import { readTokenGrammar } from "./token-grammar.ts";
import { type LoopClock, TokenLoop } from "./token-loop.ts";
import { lineFeedToken } from "./tokenizer.ts";

/** What a slot needs from outside. */
export interface SlotWorld extends Pick<LoopClock, "now" | "pause"> {
  writeError(text: string): void;
  /** A seed, 0 to 2^32 - 1. */
  randomSeed(): number;
}

/** A request's place among the prompts of one body, and who waits for its answer. */
export interface Caller {
  readonly index: number;
  /** Whether nobody waits any more. */
  isGone(): boolean;
}

/** One event of an answer: a piece of text, or the end. */
export type CompletionEvent = Readonly<Record<string, unknown>>;

/** The seed that is told where none is used. */
const NO_SEED = 0xffffffff;
/** Tokens that stay free behind what a context shift keeps. */
const SPARE_TOKENS = 4;

/** Answers one request after the other. */
export class CompletionSlot {
  readonly #engine: OpenEngine;
  readonly #settings: LlamaServerSettings;
  readonly #world: SlotWorld;
  /** Whether the text in memory may be taken over. */
  #isReusable = false;
  /** What a request keeps that does not say it. */
  #keepTokens = 0;

  constructor(engine: OpenEngine, settings: LlamaServerSettings, world: SlotWorld) {
    this.#engine = engine;
    this.#settings = settings;
    this.#world = world;
  }

  /** What is told of the server with every answer. */
  get facts(): ServerFacts {
    const { modelPath: model, predictTokens } = this.#settings;
    return { model, predictTokens, contextTokens: this.#engine.contextTokens };
  }

  /** Answers. No end comes when the caller is gone. Throws ServerError, or JsonError. */
  async *answer(request: CompletionRequest, caller: Caller): AsyncGenerator<CompletionEvent> {
    const { model, session, contextTokens } = this.#engine;
    const startMs = this.#world.now();
    const sampling = effectiveSampling(request.sampling, contextTokens, this.#world.randomSeed);
    const sampler = this.#sampler(request.grammar, sampling);
    const whole = contentTokens(request.prompt, model.vocabulary, true);
    const prompt = this.#fit(whole, request);
    const fresh = prompt.slice(this.#takeOver(prompt, request, sampler));
    const counts = { promptTokens: prompt.length, freshTokens: fresh.length };
    const answer = new CompletionAnswer(request, model, counts);
    const loop = this.#loop(fresh, sampler, caller);
    const { timings } = answer;
    for await (const step of loop.steps()) {
      const token = step.isPrompt ? undefined : step.tokens[0];
      if (token === undefined) continue;
      if (timings.predictedTokens === 0) timings.promptMs = this.#world.now() - startMs;
      const text = answer.take(token);
      if (text && request.isStreamed) yield pieceEvent(text, caller);
      if (!answer.hasEnded) continue;
      timings.predictedMs = this.#world.now() - startMs - timings.promptMs;
      answer.isTruncated ||= loop.hasShifted || prompt.length < whole.length;
      const told = { ...request, keepTokens: this.#keepTokens, seedInForce: seedOf(sampling) };
      const settings = settingsReport(this.facts, told);
      const about = { model: this.#settings.modelPath, index: caller.index };
      yield answer.report({ ...about, settings, tokensCached: session.length });
      return;
    }
    if (loop.ending === "context-full") {
      throw new ServerError("server_error", "context shift is disabled");
    }
  }

  #sampler(grammarText: string, sampling: SamplingSettings): Sampler {
    const { vocabulary } = this.#engine.model;
    const report = (message: string) => this.#world.writeError(message);
    const grammar = readTokenGrammar(grammarText, vocabulary, report);
    return new Sampler(sampling, lineFeedToken(vocabulary), grammar);
  }

  /** The prompt, without its middle if it is too long. Settles how much a context shift keeps. */
  #fit(prompt: readonly number[], request: CompletionRequest): readonly number[] {
    const { contextTokens } = this.#engine;
    const isTooLong = prompt.length >= contextTokens;
    if (isTooLong && !this.#settings.shiftsContext) {
      throw new ServerError(
        "invalid_request_error",
        "the request exceeds the available context size. try increasing the context size or enable context shift",
      );
    }
    const asked = request.keepTokens ?? this.#keepTokens;
    const kept = Math.min(contextTokens - SPARE_TOKENS, asked < 0 ? prompt.length : asked);
    this.#keepTokens = kept;
    if (!isTooLong) return prompt;
    const block = Math.floor((contextTokens - kept) / 2);
    const dropped = Math.floor((prompt.length - kept - block) / block) * block;
    return [...prompt.slice(0, kept), ...prompt.slice(kept + dropped)];
  }

  /** Leaves in memory what the prompt begins with. Returns how many tokens that are. */
  #takeOver(prompt: readonly number[], request: CompletionRequest, sampler: Sampler): number {
    const { session } = this.#engine;
    const isReused = request.cachesPrompt && this.#isReusable;
    const common = isReused ? commonBeginning(session.tokens, prompt) : 0;
    for (const token of prompt.slice(0, common)) sampler.acceptPrompt(token);
    // One token at least has to be taken in: it brings the scores of the next.
    const length = Math.min(common, prompt.length - 1);
    session.rewind(length);
    this.#isReusable = request.cachesPrompt;
    return length;
  }

  #loop(prompt: readonly number[], sampler: Sampler, caller: Caller): TokenLoop {
    const { model, session, contextTokens } = this.#engine;
    const { batchTokens, microBatchTokens, shiftsContext } = this.#settings;
    const { now, pause } = this.#world;
    return new TokenLoop({
      session,
      sampler,
      prompt,
      contextTokens,
      batchTokens,
      microBatchTokens,
      shiftsContext,
      keepTokens: this.#keepTokens + (model.vocabulary.addsBeginningOfText ? 1 : 0),
      counts: newRunCounts(now()),
      clock: { now, pause, isInterrupted: () => caller.isGone() },
    });
  }
}

function pieceEvent(text: Buffer, { index }: Caller): CompletionEvent {
  return { content: text.toString(), stop: false, id_slot: 0, multimodal: false, index };
}

function seedOf({ temperature, seed }: SamplingSettings): number {
  return temperature > 0 ? seed : NO_SEED;
}
