import {
  indexOfLargest,
  keepMinP,
  keepTopK,
  keepTopP,
  Sampler,
  type SamplingSettings,
} from "../../../../model/reference/sampler.ts";

const off: SamplingSettings = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repeatPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  repeatLastTokens: 64,
  seed: 42,
};
const nothing = -1;
// Probabilities 0.1, 0.6, 0.3 for the tokens 0, 1, 2.
const logits = Float32Array.from([0.1, 0.6, 0.3], Math.log);
const sorted = keepTopK(logits, 0);

it.each([
  ["top-k 0 keeps all", keepTopK(logits, 0), [1, 2, 0]],
  ["top-k -1 keeps all", keepTopK(logits, -1), [1, 2, 0]],
  ["top-k 1 keeps the best", keepTopK(logits, 1), [1]],
  ["top-k 2 keeps two", keepTopK(logits, 2), [1, 2]],
  ["top-k 9 keeps what there is", keepTopK(logits, 9), [1, 2, 0]],
  ["top-p 1 keeps all", keepTopP(sorted, 1), [1, 2, 0]],
  ["top-p 0 keeps the best", keepTopP(sorted, 0), [1]],
  ["top-p 0.59 keeps the best", keepTopP(sorted, 0.59), [1]],
  ["top-p 0.61 keeps two", keepTopP(sorted, 0.61), [1, 2]],
  ["top-p 0.95 keeps all", keepTopP(sorted, 0.95), [1, 2, 0]],
  ["min-p 0 keeps all", keepMinP(sorted, 0), [1, 2, 0]],
  ["min-p 0.16 keeps a sixth", keepMinP(sorted, 0.16), [1, 2, 0]],
  ["min-p 0.17 drops a sixth", keepMinP(sorted, 0.17), [1, 2]],
  ["min-p 0.51 drops a half", keepMinP(sorted, 0.51), [1]],
  ["min-p 1 keeps the best", keepMinP(sorted, 1), [1]],
  ["min-p of nothing is nothing", keepMinP([], 0.5), []],
])("%s", (_, kept, tokens) => {
  expect(kept.map(({ token }) => token)).toEqual(tokens);
});

it("the first of equals is the largest", () => {
  expect(indexOfLargest(Float32Array.of(1, 3, 2, 3))).toBe(1);
});

describe("Sampler", () => {
  it("takes the best token at temperature 0, whatever the other settings", () => {
    const sampler = new Sampler({ ...off, temperature: 0, topK: 1, topP: 0, minP: 1 }, nothing);

    expect(sampler.choose(logits)).toBe(1);
  });

  it.each([
    { temperature: 1, expected: [0.1, 0.6, 0.3] },
    { temperature: 0.5, expected: [0.01, 0.36, 0.09].map((share) => share / 0.46) },
    { temperature: 2, expected: [0.1, 0.6, 0.3].map((p) => Math.sqrt(p) / 1.6385) },
  ])("draws by probability at temperature $temperature", ({ temperature, expected }) => {
    const drawn = draws({ ...off, temperature }, 4000);

    const shares = [0, 1, 2].map((token) => drawn.filter((other) => other === token).length / 4000);
    expect(shares).toEqual(expected.map((share) => expect.closeTo(share, 1)));
  });

  it.each<[string, Partial<SamplingSettings>, recent: number[], scores: number[], winner: number]>([
    ["divides a positive score", { repeatPenalty: 1.1 }, [0], [2, 1.9], 1],
    ["multiplies a negative score", { repeatPenalty: 1.1 }, [0], [-1, -1.05], 1],
    ["favours repetition below 1", { repeatPenalty: 0.8 }, [0], [1.8, 2], 0],
    ["is off at 1", { repeatPenalty: 1 }, [0], [2, 1.99], 0],
    ["penalizes a token once", { repeatPenalty: 1.1 }, [0, 0, 0, 0, 0], [2, 1.7], 0],
    ["takes the presence penalty off once", { presencePenalty: 0.5 }, [0, 0, 0], [2, 1.6], 1],
    ["takes no more than that off", { presencePenalty: 0.5 }, [0, 0, 0], [2, 1.4], 0],
    ["favours repetition below 0", { presencePenalty: -1 }, [0, 0, 0], [1.5, 2], 0],
    ["takes the frequency penalty each time", { frequencyPenalty: 0.5 }, [0, 0, 0], [2, 0.6], 1],
    ["takes no more than each time", { frequencyPenalty: 0.5 }, [0, 0, 0], [2, 0.4], 0],
    ["adds up both", { presencePenalty: 0.5, frequencyPenalty: 0.5 }, [0, 0, 0], [2, 0.1], 1],
    ["subtracts last", { repeatPenalty: 2, presencePenalty: 0.5 }, [0], [2, 0.6], 1],
    ["scales the score only", { repeatPenalty: 2, presencePenalty: 0.5 }, [0], [2, 0.4], 0],
    ["forgets at a reach of 2", { repeatPenalty: 2, repeatLastTokens: 2 }, [0, 2, 2], [2, 1.9], 0],
    ["recalls at a reach of 3", { repeatPenalty: 2, repeatLastTokens: 3 }, [0, 2, 2], [2, 1.9], 1],
    ["forgets at a reach of 0", { repeatPenalty: 2, repeatLastTokens: 0 }, [0], [2, 1.9], 0],
  ])("penalties: %s", (_, penalties, recent, scores, winner) => {
    const sampler = new Sampler({ ...off, temperature: 0, ...penalties }, nothing);
    for (const token of recent) sampler.accept(token);

    expect(sampler.choose(Float32Array.of(...scores, -9))).toBe(winner);
  });

  it("spares one token from the penalties", () => {
    const penalties = { repeatPenalty: 2, presencePenalty: 1, frequencyPenalty: 1 };
    const sampler = new Sampler({ ...off, temperature: 0, ...penalties }, 0);
    sampler.accept(0);

    expect(sampler.choose(Float32Array.of(2, 1.9))).toBe(0);
  });

  it("leaves the scores it was given as they are", () => {
    const scores = Float32Array.of(1, 2);
    const sampler = new Sampler({ ...off, repeatPenalty: 2 }, nothing);
    sampler.accept(1);

    sampler.choose(scores);

    expect([...scores]).toEqual([1, 2]);
  });
});

function draws(settings: SamplingSettings, count: number): number[] {
  const sampler = new Sampler(settings, nothing);
  return Array.from({ length: count }, () => sampler.choose(logits));
}
