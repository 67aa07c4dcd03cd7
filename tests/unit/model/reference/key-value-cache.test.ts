import type { HyperParameters } from "../../../../model/formats/model-shape.ts";
import { KeyValueCache } from "../../../../model/reference/key-value-cache.ts";

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
