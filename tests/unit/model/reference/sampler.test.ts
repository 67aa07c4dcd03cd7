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

describe("the filters", () => {
  it.each([
    { name: "top-k 0 keeps all", kept: keepTopK(logits, 0), tokens: [1, 2, 0] },
    { name: "top-k -1 keeps all", kept: keepTopK(logits, -1), tokens: [1, 2, 0] },
    { name: "top-k 1 keeps the best", kept: keepTopK(logits, 1), tokens: [1] },
    { name: "top-k 2 keeps two", kept: keepTopK(logits, 2), tokens: [1, 2] },
    { name: "top-k 9 keeps what there is", kept: keepTopK(logits, 9), tokens: [1, 2, 0] },
    { name: "top-p 1 keeps all", kept: keepTopP(sorted, 1), tokens: [1, 2, 0] },
    { name: "top-p 0 keeps the best", kept: keepTopP(sorted, 0), tokens: [1] },
    { name: "top-p 0.59 keeps the best", kept: keepTopP(sorted, 0.59), tokens: [1] },
    { name: "top-p 0.61 keeps two", kept: keepTopP(sorted, 0.61), tokens: [1, 2] },
    { name: "top-p 0.95 keeps all", kept: keepTopP(sorted, 0.95), tokens: [1, 2, 0] },
    { name: "min-p 0 keeps all", kept: keepMinP(sorted, 0), tokens: [1, 2, 0] },
    { name: "min-p 0.16 keeps a sixth", kept: keepMinP(sorted, 0.16), tokens: [1, 2, 0] },
    { name: "min-p 0.17 drops a sixth", kept: keepMinP(sorted, 0.17), tokens: [1, 2] },
    { name: "min-p 0.51 drops a half", kept: keepMinP(sorted, 0.51), tokens: [1] },
    { name: "min-p 1 keeps the best", kept: keepMinP(sorted, 1), tokens: [1] },
    { name: "min-p of nothing is nothing", kept: keepMinP([], 0.5), tokens: [] },
  ])("$name", ({ kept, tokens }) => {
    expect(kept.map(({ token }) => token)).toEqual(tokens);
  });
});

describe("indexOfLargest", () => {
  it("takes the first of equals", () => {
    expect(indexOfLargest(Float32Array.of(1, 3, 2, 3))).toBe(1);
  });
});

describe("Sampler", () => {
  it("takes the best token at temperature 0, whatever the other settings", () => {
    const sampler = new Sampler({ ...off, temperature: 0, topK: 1, topP: 0, minP: 1 }, nothing);

    expect(sampler.choose(logits)).toBe(1);
  });

  it("draws each token as often as it is probable", () => {
    expect(shares(off)).toEqual([closeTo(0.1), closeTo(0.6), closeTo(0.3)]);
  });

  it.each([
    { temperature: 0.5, expected: [0.01, 0.36, 0.09].map((share) => share / 0.46) },
    { temperature: 2, expected: [0.1, 0.6, 0.3].map((p) => Math.sqrt(p) / 1.6385) },
  ])("sharpens or flattens at temperature $temperature", ({ temperature, expected }) => {
    expect(shares({ ...off, temperature })).toEqual(expected.map(closeTo));
  });

  it("draws the same tokens for the same seed, and others for another", () => {
    expect(draws(off, 50)).toEqual(draws(off, 50));
    expect(draws(off, 50)).not.toEqual(draws({ ...off, seed: 43 }, 50));
  });

  it.each([
    { name: "divides a positive score", scores: [2, 1.9], penalty: 1.1, winner: 1 },
    { name: "multiplies a negative score", scores: [-1, -1.05], penalty: 1.1, winner: 1 },
    { name: "favours repetition below 1", scores: [1.8, 2], penalty: 0.8, winner: 0 },
    { name: "is off at 1", scores: [2, 1.99], penalty: 1, winner: 0 },
  ])("$name of a recent token", ({ scores, penalty, winner }) => {
    const sampler = new Sampler({ ...off, temperature: 0, repeatPenalty: penalty }, nothing);
    sampler.accept(0);

    expect(sampler.choose(Float32Array.from(scores))).toBe(winner);
  });

  it.each([
    {
      name: "takes the presence penalty off once",
      presencePenalty: 0.5,
      scores: [2, 1.6],
      winner: 1,
    },
    { name: "takes no more than that off", presencePenalty: 0.5, scores: [2, 1.4], winner: 0 },
    {
      name: "takes the frequency penalty off each time",
      frequencyPenalty: 0.5,
      scores: [2, 0.6],
      winner: 1,
    },
    { name: "takes no more than that off", frequencyPenalty: 0.5, scores: [2, 0.4], winner: 0 },
    {
      name: "adds up both",
      presencePenalty: 0.5,
      frequencyPenalty: 0.5,
      scores: [2, 0.1],
      winner: 1,
    },
    { name: "favours repetition below 0", presencePenalty: -1, scores: [1.5, 2], winner: 0 },
    {
      name: "subtracts behind the repetition penalty",
      repeatPenalty: 2,
      presencePenalty: 0.5,
      scores: [2, 0.6],
      winner: 1,
    },
    {
      name: "does not scale what it subtracts",
      repeatPenalty: 2,
      presencePenalty: 0.5,
      scores: [2, 0.4],
      winner: 0,
    },
  ])("$name of a token that came three times", ({ name: _, scores, winner, ...penalties }) => {
    const sampler = new Sampler({ ...off, temperature: 0, ...penalties }, nothing);
    for (let count = 0; count < 3; count++) sampler.accept(0);

    expect(sampler.choose(Float32Array.from(scores))).toBe(winner);
  });

  it("penalizes a token once, however often it came", () => {
    const sampler = new Sampler({ ...off, temperature: 0, repeatPenalty: 1.1 }, nothing);
    for (let count = 0; count < 5; count++) sampler.accept(0);

    expect(sampler.choose(Float32Array.of(2, 1.7))).toBe(0);
  });

  it.each([
    { repeatLastTokens: 2, winner: 0 },
    { repeatLastTokens: 3, winner: 1 },
    { repeatLastTokens: 0, winner: 0 },
  ])("looks $repeatLastTokens tokens back", ({ repeatLastTokens, winner }) => {
    const settings = { ...off, temperature: 0, repeatPenalty: 2, repeatLastTokens };
    const sampler = new Sampler(settings, nothing);
    for (const token of [0, 2, 2]) sampler.accept(token);

    expect(sampler.choose(Float32Array.of(2, 1.9, 0))).toBe(winner);
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

function shares(settings: SamplingSettings): number[] {
  const drawn = draws(settings, 4000);
  return [0, 1, 2].map((token) => drawn.filter((other) => other === token).length / drawn.length);
}

function closeTo(share: number): unknown {
  return expect.closeTo(share, 1);
}
