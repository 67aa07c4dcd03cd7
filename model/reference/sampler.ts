/**
 * From the scores of all tokens to the next token, in llama.cpp's order and in f32:
 *
 *   biases, penalties, then either the best token (temperature 0) or
 *   top-k, top-p, min-p, temperature, softmax, and a draw by weight.
 *
 * Source: src/llama-sampling.cpp and common/sampling.cpp of llama.cpp@1f86f058 (read 2026-11).
 */
import { randomInt } from "node:crypto";
import { chooseByWeight, MersenneTwister } from "../formats/mersenne-twister.ts";
import type { TokenGrammar } from "./token-grammar.ts";

/** How to choose a token. */
export interface SamplingSettings {
  /** 0 picks the best token always; below 1 sharpens, above 1 flattens. */
  readonly temperature: number;
  /** Keep this many best tokens; 0 or less keeps all. */
  readonly topK: number;
  /** Keep the best tokens that together reach this probability; 1 keeps all. */
  readonly topP: number;
  /** Keep tokens at least this fraction as probable as the best; 0 keeps all. */
  readonly minP: number;
  /** Above 1 makes repeated tokens less likely; 1 is off. */
  readonly repeatPenalty: number;
  /** Taken off the score of every repeated token; 0 is off. */
  readonly presencePenalty: number;
  /** Taken off the score of a repeated token, once for each time that it came. */
  readonly frequencyPenalty: number;
  /** Added to the scores of tokens, by token. */
  readonly logitBias?: ReadonlyMap<number, number>;
  /** How many tokens back count as repeated, the prompt included. */
  readonly repeatLastTokens: number;
  /** 0 to 2^32 - 1. */
  readonly seed: number;
}

/**
 * Settings by llama-server's names for them; what is not given is the engine's own. The seed is then
 * random.
 */
export function samplingSettings(
  given: (name: string) => number | undefined = () => undefined,
): SamplingSettings {
  return {
    temperature: given("temperature") ?? 0.8,
    topK: given("top_k") ?? 40,
    topP: given("top_p") ?? 0.95,
    minP: given("min_p") ?? 0.05,
    repeatPenalty: given("repeat_penalty") ?? 1,
    presencePenalty: given("presence_penalty") ?? 0,
    frequencyPenalty: given("frequency_penalty") ?? 0,
    repeatLastTokens: given("repeat_last_n") ?? 64,
    seed: given("seed") ?? randomInt(2 ** 32 - 1),
  };
}

/** A candidate for the next token. */
interface Candidate {
  readonly token: number;
  readonly logit: number;
}

/** A token and its probability among the candidates. */
export interface TokenProbability {
  readonly token: number;
  readonly probability: number;
}

const { fround } = Math;

/** Chooses tokens, and remembers them for the penalties. */
export class Sampler {
  readonly #settings: SamplingSettings;
  readonly #unpenalized: number;
  readonly #probabilities: number;
  readonly #grammar: TokenGrammar | undefined;
  readonly #random: MersenneTwister;
  readonly #recent: number[] = [];
  /** The candidates of the last choice, best first; empty unless they were asked for. */
  candidates: readonly TokenProbability[] = [];

  /**
   * `unpenalized` is a token that the penalties leave alone: see `lineFeedToken`. With a
   * grammar, only tokens that it allows are chosen. `probabilities` is how many `candidates` to keep.
   */
  constructor(
    settings: SamplingSettings,
    unpenalized: number,
    grammar?: TokenGrammar,
    probabilities = 0,
  ) {
    this.#settings = settings;
    this.#probabilities = probabilities;
    this.#unpenalized = unpenalized;
    this.#grammar = grammar;
    this.#random = new MersenneTwister(settings.seed);
  }

  /** Counts a token of the prompt as recent. */
  acceptPrompt(token: number): void {
    this.#recent.push(token);
    if (this.#recent.length > this.#settings.repeatLastTokens) this.#recent.shift();
  }

  /** Counts a token of the answer as recent. Throws Error for one that the grammar forbids. */
  accept(token: number): void {
    this.#grammar?.accept(token);
    this.acceptPrompt(token);
  }

  /**
   * Chooses the next token by the scores (vocabulary) of all. Does not accept it. As in llama.cpp,
   * the grammar checks the choice first, and all tokens only if it forbids that one.
   */
  choose(logits: Float32Array): number {
    const token = this.#draw(logits.slice());
    if (this.#grammar === undefined || this.#grammar.allows(token)) return token;
    const allowed = logits.slice();
    this.#grammar.restrict(allowed);
    return this.#draw(allowed);
  }

  /** Chooses by scores, which it changes. */
  #draw(scores: Float32Array): number {
    const { topK, topP, minP } = this.#settings;
    const temperature = fround(this.#settings.temperature);
    this.#bias(scores);
    this.#penalize(scores);
    if (temperature <= 0) {
      if (this.#probabilities > 0) this.#keep(keepTopK(scores, this.#probabilities));
      return indexOfLargest(scores);
    }
    const kept = keepMinP(keepTopP(keepTopK(scores, topK), topP), minP);
    const heated = kept.map(({ token, logit }) => ({ token, logit: fround(logit / temperature) }));
    if (this.#probabilities > 0) this.#keep(heated);
    const index = chooseByWeight(softmax(heated), this.#random);
    return heated[index]?.token ?? 0;
  }

  /** Adds the biases. One on a token beyond the vocabulary has no effect. */
  #bias(scores: Float32Array): void {
    for (const [token, bias] of this.#settings.logitBias ?? []) {
      if (token < scores.length) scores[token] = (scores[token] as number) + fround(bias);
    }
  }

  #keep(candidates: readonly Candidate[]): void {
    const shares = softmax(candidates);
    this.candidates = candidates
      .slice(0, this.#probabilities)
      .map(({ token }, index) => ({ token, probability: shares[index] as number }));
  }

  /**
   * Divides the positive scores of recent tokens by the repetition penalty, and multiplies the
   * others; then takes the presence penalty off, and the frequency penalty for each occurrence.
   */
  #penalize(scores: Float32Array): void {
    const { repeatPenalty, presencePenalty, frequencyPenalty } = this.#settings;
    const penalty = fround(repeatPenalty);
    for (const [token, count] of occurrences(this.#recent)) {
      if (token === this.#unpenalized) continue;
      const score = scores[token] as number;
      const repeated = fround(score > 0 ? score / penalty : score * penalty);
      const frequency = fround(count * fround(frequencyPenalty));
      scores[token] = repeated - fround(frequency + fround(presencePenalty));
    }
  }
}

/** How often each token comes. */
function occurrences(tokens: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

/** The index of the largest score, the first on ties. */
export function indexOfLargest(scores: Float32Array): number {
  let largest = 0;
  for (let index = 1; index < scores.length; index++) {
    if ((scores[index] as number) > (scores[largest] as number)) largest = index;
  }
  return largest;
}

/** The `count` best tokens, best first; all when it is 0 or less. */
export function keepTopK(scores: Float32Array, count: number): Candidate[] {
  const candidates = Array.from(scores, (logit, token) => ({ token, logit }));
  candidates.sort((a, b) => b.logit - a.logit);
  return count > 0 ? candidates.slice(0, count) : candidates;
}

/** The fewest best of sorted candidates whose probabilities reach `probability`. */
export function keepTopP(candidates: readonly Candidate[], probability: number): Candidate[] {
  if (probability >= 1) return [...candidates];
  let sum = 0;
  const last = softmax(candidates).findIndex((share) => {
    sum = fround(sum + share);
    return sum >= fround(probability);
  });
  return candidates.slice(0, last < 0 ? candidates.length : last + 1);
}

/** Those of sorted candidates that are at least `fraction` as probable as the best. */
export function keepMinP(candidates: readonly Candidate[], fraction: number): Candidate[] {
  const [best] = candidates;
  if (fraction <= 0 || !best) return [...candidates];
  const floor = fround(best.logit + fround(Math.log(fround(fraction))));
  return candidates.filter((candidate) => candidate === best || candidate.logit >= floor);
}

/** Probabilities of sorted candidates. */
function softmax(candidates: readonly Candidate[]): number[] {
  const best = candidates[0]?.logit ?? 0;
  const weights = candidates.map(({ logit }) => fround(Math.exp(fround(logit - best))));
  const total = weights.reduce((sum, weight) => fround(sum + weight), 0);
  return weights.map((weight) => fround(weight / total));
}
