/** The reference engine as a library: load a model, feed it tokens, get scores. */
import { i2sBlockLength } from "../formats/i2s.ts";
import type { HyperParameters } from "../formats/model-shape.ts";
import { readGguf } from "../gguf.ts";
import { readHyperParameters } from "./hyper-parameters.ts";
import { indexOfLargest, keepTopK } from "./sampler.ts";
import { tokenizePrompt } from "./tokenizer.ts";
import { Transformer } from "./transformer.ts";
import { readVocabulary, type Vocabulary } from "./vocabulary.ts";
import { readWeights, type Weights } from "./weights.ts";

/** A model in memory. Several texts can use it at once. */
export interface Model {
  readonly parameters: HyperParameters;
  readonly vocabulary: Vocabulary;
  readonly weights: Weights;
  readonly i2sBlock: number;
}

/**
 * Reads a model from a file. Any other `i2sBlock`, the weights to a block of I2_S, than the default
 * misreads the file on purpose. Throws GgufError or ModelError.
 */
export function loadModel(path: string, i2sBlock = i2sBlockLength): Model {
  const gguf = readGguf(path);
  const parameters = readHyperParameters(gguf);
  const vocabulary = readVocabulary(gguf);
  const weights = readWeights(gguf, i2sBlock, parameters);
  return { parameters, vocabulary, weights, i2sBlock };
}

/** One text and what the model remembers of it. */
export class TextSession {
  /** Tokens evaluated and not forgotten. */
  readonly tokens: number[] = [];
  readonly #transformer: Transformer;
  #hidden: Float32Array | undefined;

  /** A text of up to `contextTokens` tokens, a multiple of 32. */
  constructor(model: Model, contextTokens: number) {
    const { parameters, weights, i2sBlock } = model;
    this.#transformer = new Transformer(parameters, weights, { contextTokens, i2sBlock });
  }

  /** Its length in tokens. */
  get length(): number {
    return this.tokens.length;
  }

  /** Evaluates one token. `isAlone`: it is not part of a batch, see `Span`. */
  take(token: number, isAlone: boolean): void {
    this.#hidden = this.#transformer.evaluate({ token, position: this.length, isAlone });
    this.tokens.push(token);
  }

  /** Evaluates tokens as one batch. */
  takeBatch(tokens: readonly number[]): void {
    for (const token of tokens) this.take(token, tokens.length === 1);
  }

  /** The scores (vocabulary) of the next token. Throws RangeError before the first `take`. */
  logits(): Float32Array {
    if (!this.#hidden) throw new RangeError("no token has been evaluated");
    return this.#transformer.logits(this.#hidden);
  }

  /** Forgets all but the first `length` tokens. `take` another one before the next `logits`. */
  rewind(length: number): void {
    if (length >= this.length) return;
    this.tokens.length = length;
    this.#hidden = undefined;
  }
}

/** One step of a greedy answer: a token, its text, and the scores that it was chosen by. */
export interface GreedyStep {
  readonly token: number;
  /** Empty for a control token. */
  readonly bytes: Uint8Array;
  readonly logits: Float32Array; // (vocabulary)
  /** Whether the token ends the answer. No step follows. */
  readonly isEnd: boolean;
}

/** Answers a prompt with the best token at every step, at most `tokens` of them. */
export function* generateGreedily(
  model: Model,
  prompt: string,
  { tokens, contextTokens }: { tokens: number; contextTokens: number },
): Generator<GreedyStep> {
  const session = new TextSession(model, contextTokens);
  session.takeBatch(tokenizePrompt(prompt, model.vocabulary));
  for (let step = 0; step < tokens; step++) {
    const logits = session.logits();
    const token = indexOfLargest(logits);
    const isEnd = model.vocabulary.endOfGeneration.has(token);
    yield { token, bytes: model.vocabulary.bytesOf(token, false), logits, isEnd };
    if (isEnd) return;
    session.takeBatch([token]);
  }
}

/**
 * The `count` best tokens, best first, with their probabilities among these only: llama-server with
 * n_probs at temperature 0 cuts the list before it applies softmax.
 */
export function topTokens(logits: Float32Array, count: number) {
  const best = keepTopK(logits, count);
  const weights = best.map(({ logit }) => Math.exp(logit - (best[0]?.logit ?? 0)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return best.map((entry, index) => ({ ...entry, probability: (weights[index] ?? 0) / total }));
}
