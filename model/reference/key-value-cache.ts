/** Keys and values of earlier positions, rounded to half precision as llama.cpp stores them. */
import { roundToFloat16 } from "../formats/float16.ts";
import type { HyperParameters } from "../formats/model-shape.ts";
import { laneCount } from "./lane-sums.ts";

/** Keys and values of one layer. */
export interface LayerCache {
  /** The maximum number of positions. */
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

  /** Throws RangeError when `capacity` is no multiple of 32. */
  constructor(parameters: HyperParameters, capacity: number) {
    if (capacity % laneCount !== 0) throw new RangeError(`a context of ${capacity} tokens`);
    const width = parameters.keyValueHeads * parameters.headSize;
    this.capacity = capacity;
    this.#layers = Array.from({ length: parameters.layers }, () => ({
      capacity,
      width,
      keys: new Float32Array(capacity * width),
      values: new Float32Array(capacity * width),
    }));
  }

  /** Keys and values of one layer. Throws RangeError when there is no such layer. */
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
}
