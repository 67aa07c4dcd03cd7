/**
 * Causal attention with grouped queries (arXiv:2305.13245): neighbouring query heads share one key
 * and value head.
 */
import { roundToFloat16 } from "../formats/float16.ts";
import type { HyperParameters } from "../formats/model-shape.ts";
import { dotFloat16, laneCount } from "./lane-sums.ts";

const { exp, fround, max } = Math;

/** Keys and values of one layer's earlier positions, in half precision as llama.cpp stores them. */
export interface LayerCache {
  /** The maximum number of positions. */
  readonly capacity: number;
  /** keyValueHeads * headSize */
  readonly width: number;
  readonly keys: Float32Array; // (capacity, width), after rotation
  readonly values: Float32Array; // (width, capacity): transposed, as the mix runs over positions
}

/** Room for the keys and values of one layer. Throws RangeError unless `capacity` is a multiple of 32. */
export function emptyCache(parameters: HyperParameters, capacity: number): LayerCache {
  if (capacity % laneCount !== 0) throw new RangeError(`a context of ${capacity} tokens`);
  const width = parameters.keyValueHeads * parameters.headSize;
  const room = () => new Float32Array(capacity * width);
  return { capacity, width, keys: room(), values: room() };
}

/** Keeps the key and the value (width) of one position. Throws RangeError past the capacity. */
export function remember(
  { keys, values, width, capacity }: LayerCache,
  position: number,
  key: Float32Array,
  value: Float32Array,
): void {
  if (position >= capacity) throw new RangeError(`the context ends before ${position}`);
  for (let feature = 0; feature < width; feature++) {
    keys[position * width + feature] = roundToFloat16(key[feature] as number);
    values[feature * capacity + position] = roundToFloat16(value[feature] as number);
  }
}

/** Which positions are looked back over. */
export interface Span {
  /** Positions in the cache; the query's own is the last of them. */
  readonly length: number;
  /** Whether the token is no part of a batch: llama.cpp rounds its weights to half precision. */
  readonly isAlone: boolean;
}

/** Mixes values for the query (heads * headSize) of one position; the result is as long. */
export function attend(
  query: Float32Array,
  cache: LayerCache,
  { heads, keyValueHeads, headSize }: HyperParameters,
  span: Span,
): Float32Array {
  const output = new Float32Array(heads * headSize);
  for (let head = 0; head < heads; head++) {
    const shared = Math.floor((head * keyValueHeads) / heads);
    const part = query.subarray(head * headSize, (head + 1) * headSize);
    const weights = weigh(part, cache, shared, span);
    for (let feature = 0; feature < headSize; feature++) {
      const row = { values: cache.values, start: (shared * headSize + feature) * cache.capacity };
      output[head * headSize + feature] = dotFloat16(row, weights);
    }
  }
  return output;
}

/** How much one query head (headSize) heeds each position: weights that sum to 1. */
function weigh(query: Float32Array, cache: LayerCache, shared: number, span: Span): Float32Array {
  const headSize = query.length;
  const scale = fround(1 / fround(Math.sqrt(headSize)));
  const rounded = query.map(roundToFloat16);
  const weights = new Float32Array(span.length);
  for (let position = 0; position < span.length; position++) {
    const start = position * cache.width + shared * headSize;
    weights[position] = dotFloat16({ values: cache.keys, start }, rounded) * scale;
  }
  softmax(weights);
  // Positions beyond the span weigh nothing, up to a whole number of steps.
  const padded = new Float32Array(Math.ceil(span.length / laneCount) * laneCount);
  padded.set(span.isAlone ? weights.map(roundToFloat16) : weights);
  return padded;
}

/** Turns scores into weights that sum to 1, in place. */
function softmax(scores: Float32Array): void {
  let maximum = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < scores.length; index++) {
    maximum = max(maximum, scores[index] as number);
  }
  let sum = 0;
  for (let index = 0; index < scores.length; index++) {
    scores[index] = exp(fround((scores[index] as number) - maximum));
    sum += scores[index] as number;
  }
  const scale = fround(1 / sum);
  for (let index = 0; index < scores.length; index++) {
    scores[index] = (scores[index] as number) * scale;
  }
}
