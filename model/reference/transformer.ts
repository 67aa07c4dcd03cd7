/**
 * BitNet b1.58, from a token to the scores of the next one. Read it from the top: `evaluate` is
 * the model; its layers and its attention have their own files.
 *
 * Mirrors build_bitnet_158 of src/llama.cpp in llama.cpp@1f86f058 (read 2026-11).
 */

import type { HyperParameters } from "../formats/model-shape.ts";
import { attend, emptyCache, type LayerCache, remember } from "./attention.ts";
import { BitLinearInput } from "./bit-linear.ts";
import type { LayerWeights, Weights } from "./weights.ts";

const { fround, sqrt } = Math;

/** One token to evaluate. */
interface Evaluation {
  readonly token: number;
  /** The index of the token in the text; all earlier positions must have been evaluated. */
  readonly position: number;
  /** Whether the token is evaluated on its own, not in a batch: see `attend`. */
  readonly isAlone: boolean;
}

/** A model with its memory of one text. */
export class Transformer {
  readonly #parameters: HyperParameters;
  readonly #caches: readonly LayerCache[];
  readonly #weights: Weights;
  readonly #input: BitLinearInput;

  constructor(
    parameters: HyperParameters,
    weights: Weights,
    { contextTokens, i2sBlock }: { contextTokens: number; i2sBlock: number },
  ) {
    this.#parameters = parameters;
    this.#caches = weights.layers.map(() => emptyCache(parameters, contextTokens));
    this.#weights = weights;
    const columns = Math.max(parameters.width, parameters.feedForwardWidth);
    this.#input = new BitLinearInput(columns, i2sBlock);
  }

  /** Takes one token in. Returns its hidden vector (width), from which `logits` makes scores. */
  evaluate(evaluation: Evaluation): Float32Array {
    const hidden = this.#weights.embedding.vectorOf(evaluation.token);
    for (const [index, layer] of this.#weights.layers.entries()) {
      const cache = this.#caches[index] as LayerCache;
      add(hidden, this.#attention(cache, layer, hidden, evaluation));
      add(hidden, this.#feedForward(layer, hidden));
    }
    return hidden;
  }

  /** The score of every token (vocabulary) to come next after a hidden vector. */
  logits(hidden: Float32Array): Float32Array {
    const normed = rmsNorm(hidden, this.#weights.outputNorm, this.#parameters.normEpsilon);
    return this.#weights.embedding.logitsFor(normed);
  }

  #attention(
    cache: LayerCache,
    layer: LayerWeights,
    hidden: Float32Array,
    { position, isAlone }: Evaluation,
  ): Float32Array {
    const { headSize, ropeBase, normEpsilon } = this.#parameters;
    const input = this.#input.load(rmsNorm(hidden, layer.attentionNorm, normEpsilon));
    const query = layer.query.apply(input); // (heads * headSize)
    const key = layer.key.apply(input); // (keyValueHeads * headSize)
    const value = layer.value.apply(input); // (keyValueHeads * headSize)
    const rotation = rotationAt(position, headSize, ropeBase);
    rotate(query, rotation);
    rotate(key, rotation);
    remember(cache, position, key, value);
    const mixed = attend(query, cache, this.#parameters, { length: position + 1, isAlone });
    return layer.attentionOutput.apply(
      this.#input.load(rmsNorm(mixed, layer.attentionSubNorm, normEpsilon)),
    );
  }

  #feedForward(layer: LayerWeights, hidden: Float32Array): Float32Array {
    const { normEpsilon } = this.#parameters;
    const input = this.#input.load(rmsNorm(hidden, layer.feedForwardNorm, normEpsilon));
    const gated = squaredRelu(layer.gate.apply(input)); // (feedForwardWidth)
    multiply(gated, layer.up.apply(input));
    return layer.down.apply(
      this.#input.load(rmsNorm(gated, layer.feedForwardSubNorm, normEpsilon)),
    );
  }
}

/** max(x, 0) squared: sparse like ReLU, and what BitNet has in place of SwiGLU's SiLU. */
function squaredRelu(vector: Float32Array): Float32Array {
  return vector.map((value) => (value > 0 ? value * value : 0));
}

function add(target: Float32Array, other: Float32Array): void {
  for (let index = 0; index < target.length; index++) {
    target[index] = (target[index] as number) + (other[index] as number);
  }
}

function multiply(target: Float32Array, other: Float32Array): void {
  for (let index = 0; index < target.length; index++) {
    target[index] = (target[index] as number) * (other[index] as number);
  }
}

/**
 * Root mean square normalization (arXiv:1910.07467), as ggml_compute_forward_rms_norm_f32: squares in f32,
 * their sum in f64, the rest in f32.
 */
function rmsNorm(vector: Float32Array, weight: Float32Array, epsilon: number): Float32Array {
  let sum = 0;
  for (let index = 0; index < vector.length; index++) {
    const value = vector[index] as number;
    sum += fround(value * value);
  }
  const mean = fround(sum / vector.length);
  const scale = fround(1 / fround(sqrt(fround(mean + epsilon))));
  const output = new Float32Array(vector.length);
  for (let index = 0; index < vector.length; index++) {
    output[index] = fround((vector[index] as number) * scale) * (weight[index] as number);
  }
  return output;
}

/**
 * The rotation of a position (arXiv:2104.09864): cosine and sine for every pair of a head, [cos 0,
 * sin 0, cos 1, sin 1, …]. In "NeoX" order: feature i is paired with feature i + half of the head,
 * not with its neighbour.
 */
function rotationAt(position: number, headSize: number, base: number): Float32Array {
  const rotation = new Float32Array(headSize);
  const step = fround(fround(base) ** fround(-2 / headSize));
  let angle = fround(position);
  for (let pair = 0; pair < headSize; pair += 2) {
    rotation[pair] = Math.cos(angle);
    rotation[pair + 1] = Math.sin(angle);
    angle = fround(angle * step);
  }
  return rotation;
}

/** Turns every head of a vector (heads, headSize) in place. */
function rotate(vector: Float32Array, rotation: Float32Array): void {
  const headSize = rotation.length;
  const half = headSize / 2;
  for (let head = 0; head < vector.length; head += headSize) {
    for (let pair = 0; pair < half; pair++) {
      const cosine = rotation[2 * pair] as number;
      const sine = rotation[2 * pair + 1] as number;
      const first = vector[head + pair] as number;
      const second = vector[head + pair + half] as number;
      vector[head + pair] = first * cosine - fround(second * sine);
      vector[head + pair + half] = first * sine + fround(second * cosine);
    }
  }
}
