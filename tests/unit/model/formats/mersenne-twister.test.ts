import { chooseByWeight, MersenneTwister } from "../../../../model/formats/mersenne-twister.ts";

describe("MersenneTwister", () => {
  it("yields what the C++ standard says of the seed 5489", () => {
    const random = new MersenneTwister(5489);

    const words = Array.from({ length: 10_000 }, () => random.nextUint32());

    expect(words[0]).toBe(3499211612);
    expect(words[9999]).toBe(4123659995);
  });

  it("makes a unit of two words, the low one first", () => {
    const words = new MersenneTwister(42);
    const [low, high] = [words.nextUint32(), words.nextUint32()];

    expect(new MersenneTwister(42).nextUnit()).toBe((low + high * 2 ** 32) / 2 ** 64);
  });
});

describe("chooseByWeight", () => {
  it.each([
    { weights: [1, 2, 3], counts: [1, 2, 3] },
    { weights: [0, 1, 0, 1, 0], counts: [0, 3, 0, 3, 0] },
  ])("chooses as often as the weights $weights say, and 0 never", ({ weights, counts }) => {
    const random = new MersenneTwister(7);
    const chosen = weights.map(() => 0);

    for (let draw = 0; draw < 6000; draw++) {
      const index = chooseByWeight(weights, random);
      chosen[index] = (chosen[index] ?? 0) + 1;
    }

    expect(chosen).toEqual(counts.map((count) => count && expect.closeTo(count * 1000, -3)));
  });

  it("draws no number for a lone weight, and refuses to choose from nothing", () => {
    const random = new MersenneTwister(42);

    expect(chooseByWeight([0.3], random)).toBe(0);
    expect(random.nextUint32()).toBe(new MersenneTwister(42).nextUint32());
    expect(() => chooseByWeight([], random)).toThrow(RangeError);
  });
});
