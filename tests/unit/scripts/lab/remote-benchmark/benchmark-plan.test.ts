import {
  benchmarkVisits,
  casesOf,
  spareSamples,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-plan.ts";

const samples = {
  memoryMiB: [3008, 1769],
  engines: ["llama-cli", "llama-server"],
  tokens: [10, 50],
  warmSamples: 20,
  coldSamples: 3,
} as const;

describe("benchmarkVisits", () => {
  it("goes through all setups in every round, so that they are measured in turn", () => {
    const visits = benchmarkVisits(samples);

    const setups = visits.map(({ memoryMiB, engine }) => `${memoryMiB} ${engine}`);
    expect(visits).toHaveLength(2 * 2 * 2 * 3);
    for (let round = 0; round < 6; round++) {
      expect(setups.slice(4 * round, 4 * round + 4)).toEqual([
        "3008 llama-cli",
        "3008 llama-server",
        "1769 llama-cli",
        "1769 llama-server",
      ]);
    }
  });

  it.each([
    [20, 3],
    [20, 20],
    [21, 1],
    [5, 1],
    [1, 7],
  ])("asks for %i warm and %i cold samples of every case, no more, no less", (warm, cold) => {
    const visits = benchmarkVisits({ ...samples, warmSamples: warm, coldSamples: cold });

    const ofSetup = visits.filter(
      ({ memoryMiB, engine }) => memoryMiB === 1769 && engine === "llama-server",
    );
    const count = (tokens: readonly number[], wanted: number) =>
      tokens.filter((asked) => asked === wanted).length;
    for (const tokens of samples.tokens) {
      expect(ofSetup.filter(({ coldTokens }) => coldTokens === tokens)).toHaveLength(cold);
      const warmTokens = ofSetup.flatMap((visit) => visit.warmTokens);
      expect(count(warmTokens, tokens)).toBe(warm);
    }
  });

  it("spreads warm samples over the versions, numbers of tokens in turn", () => {
    const visits = benchmarkVisits({ ...samples, memoryMiB: [1769], engines: ["llama-cli"] });

    expect(visits.map(({ warmTokens }) => warmTokens.length)).toEqual([6, 6, 8, 6, 6, 8]);
    expect(visits[0]?.warmTokens).toEqual([10, 50, 10, 50, 10, 50]);
  });
});

describe("casesOf", () => {
  it("has a row for each number of tokens, memory size and engine, the smallest first", () => {
    const cases = casesOf(samples, "warm");

    expect(cases).toHaveLength(8);
    expect(cases.slice(0, 3)).toEqual([
      { memoryMiB: 1769, engine: "llama-cli", start: "warm", tokensAsked: 10 },
      { memoryMiB: 1769, engine: "llama-server", start: "warm", tokensAsked: 10 },
      { memoryMiB: 3008, engine: "llama-cli", start: "warm", tokensAsked: 10 },
    ]);
  });
});

describe("spareSamples", () => {
  it.each([
    [1, 1],
    [5, 1],
    [20, 2],
    [21, 3],
  ])("of %i are %i", (wanted, spares) => {
    expect(spareSamples(wanted)).toBe(spares);
  });
});
