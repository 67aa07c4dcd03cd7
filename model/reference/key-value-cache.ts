/**
 * What attention remembers of earlier positions: one key and one value per position and layer,
 * rounded to half precision as llama.cpp stores them, so that generating a token costs one
 * position's work instead of the whole text's.
 */
import { float16ToFloat32, float32ToFloat16, roundToFloat16 } from "../formats/float16.ts";
import type { HyperParameters } from "../formats/model-shape.ts";
import { laneCount } from "./lane-sums.ts";
import { rotate, rotationAt } from "./rotary-embedding.ts";

/** Keys and values of one layer. */
export interface LayerCache {
  /** Positions that it can hold. */
  readonly capacity: number;
  /** keyValueHeads * headSize */
  readonly width: number;
  readonly keys: Float32Array; // (capacity, width), after rotation
  readonly values: Float32Array; // (width, capacity): transposed, as the mix runs over positions
}

/** The cache of all layers. */
export class KeyValueCache {
  readonly capacity: number;
  readonly #layers: readonly LayerCache[];
  readonly #parameters: HyperParameters;

  /** Throws RangeError when `capacity` is no multiple of 32. */
  constructor(parameters: HyperParameters, capacity: number) {
    if (capacity % laneCount !== 0) throw new RangeError(`a context of ${capacity} tokens`);
    const width = parameters.keyValueHeads * parameters.headSize;
    this.capacity = capacity;
    this.#parameters = parameters;
    this.#layers = Array.from({ length: parameters.layers }, () => ({
      capacity,
      width,
      keys: new Float32Array(capacity * width),
      values: new Float32Array(capacity * width),
    }));
  }

  /** Keys and values of one layer, to read. Throws RangeError when there is no such layer. */
  layer(index: number): LayerCache {
    const layer = this.#layers[index];
    if (!layer) throw new RangeError(`there is no layer ${index}`);
    return layer;
  }

  /** Keeps the key and the value (width) of one position. Throws RangeError past the capacity. */
  store(index: number, position: number, key: Float32Array, value: Float32Array): void {
    if (position >= this.capacity) throw new RangeError(`the context ends before ${position}`);
    const { keys, values, width, capacity } = this.layer(index);
    for (let feature = 0; feature < width; feature++) {
      keys[position * width + feature] = roundToFloat16(key[feature] as number);
      values[feature * capacity + position] = roundToFloat16(value[feature] as number);
    }
  }

  /**
   * What is remembered of the first `used` positions, as half-precision bits: layer by layer, keys
   * (used, width), then values (width, used).
   */
  save(used: number): Uint16Array<ArrayBuffer> {
    const saved = new Uint16Array(this.savedLength(used));
    let at = 0;
    for (const run of this.#runs(used)) {
      for (const value of run) saved[at++] = float32ToFloat16(value);
    }
    return saved;
  }

  /** Takes up what was saved of `used` positions, `savedLength(used)` numbers. */
  restore(saved: Uint16Array, used: number): void {
    let at = 0;
    for (const run of this.#runs(used)) {
      for (let index = 0; index < run.length; index++) {
        run[index] = float16ToFloat32(saved[at++] as number);
      }
    }
  }

  /** How many numbers are remembered of `used` positions. */
  savedLength(used: number): number {
    return this.#layers.reduce((length, { width }) => length + 2 * width * used, 0);
  }

  /** The parts of memory that hold the first `used` positions, in the order of `save`. */
  *#runs(used: number): Generator<Float32Array> {
    for (const { keys, values, width, capacity } of this.#layers) {
      yield keys.subarray(0, used * width);
      for (let row = 0; row < values.length; row += capacity) {
        yield values.subarray(row, row + used);
      }
    }
  }

  /**
   * Forgets the positions [from, from + discarded) of `used`, and moves the later ones down into
   * their place. A key says where it was by its rotation, so each moved one is turned back by
   * `discarded` positions and rounded once more. llama.cpp calls it the context shift.
   */
  discard(from: number, discarded: number, used: number): void {
    const { headSize, ropeBase } = this.#parameters;
    const rotation = rotationAt(-discarded, headSize, ropeBase);
    for (const { keys, values, width, capacity } of this.#layers) {
      const moved = keys.slice((from + discarded) * width, used * width);
      rotate(moved, rotation);
      keys.set(moved.map(roundToFloat16), from * width);
      for (let row = 0; row < values.length; row += capacity) {
        values.copyWithin(row + from, row + from + discarded, row + used);
      }
    }
  }
}
