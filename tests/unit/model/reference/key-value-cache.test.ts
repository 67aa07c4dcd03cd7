import type { HyperParameters } from "../../../../model/formats/model-shape.ts";
import { KeyValueCache } from "../../../../model/reference/key-value-cache.ts";
import { rotate, rotationAt } from "../../../../model/reference/rotary-embedding.ts";

const parameters: HyperParameters = {
  vocabularySize: 2,
  contextLength: 64,
  width: 64,
  feedForwardWidth: 64,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 32,
  normEpsilon: 1e-5,
  ropeBase: 500000,
};

describe("KeyValueCache", () => {
  it("stores keys by position, and values by feature, in half precision", () => {
    const cache = new KeyValueCache(parameters, 32);

    cache.store(0, 2, features(1 / 3), features(2 / 3));

    const { keys, values } = cache.layer(0);
    expect(keys[2 * 32]).toBe(0.333251953125);
    expect(values[2]).toBe(0.66650390625);
    expect(values[32 + 2]).toBe(0.66650390625);
  });

  it("moves what follows a gap to where it would have been without it", () => {
    const [gapped, whole] = [new KeyValueCache(parameters, 32), new KeyValueCache(parameters, 32)];
    for (const position of [0, 1, 2, 3, 4, 5, 6])
      gapped.store(0, position, keyAt(position, position), features(position));
    // The same vectors, had 1 and 2 never been there.
    for (const [position, vector] of [0, 3, 4, 5, 6].entries())
      whole.store(0, position, keyAt(vector, position), features(vector));

    gapped.discard(1, 2, 7);

    for (let position = 0; position < 5; position++) {
      for (let feature = 0; feature < 32; feature++) {
        const [moved, expected] = [gapped, whole].map(
          (cache) => cache.layer(0).keys[position * 32 + feature] ?? 0,
        );
        expect(Math.abs((moved ?? 0) - (expected ?? 0))).toBeLessThan(0.01);
        expect(gapped.layer(0).values[feature * 32 + position]).toBe(
          whole.layer(0).values[feature * 32 + position],
        );
      }
    }
  });

  it.each([
    { name: "a layer that is not there", action: () => new KeyValueCache(parameters, 32).layer(1) },
    {
      name: "a position past its end",
      action: () => new KeyValueCache(parameters, 32).store(0, 32, features(1), features(1)),
    },
    { name: "a capacity of half a step", action: () => new KeyValueCache(parameters, 16) },
  ])("refuses $name", ({ action }) => {
    expect(action).toThrow(RangeError);
  });
});

function features(value: number): Float32Array {
  return new Float32Array(32).fill(value);
}

/** A key of its own for each vector, as it is at a position. */
function keyAt(vector: number, position: number): Float32Array {
  const key = Float32Array.from({ length: 32 }, (_, index) => Math.sin(vector * 32 + index));
  rotate(key, rotationAt(position, 32, parameters.ropeBase));
  return key;
}
