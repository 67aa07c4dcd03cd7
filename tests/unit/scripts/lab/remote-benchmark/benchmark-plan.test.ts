import {
  casesOf,
  plannedCalls,
  setupsOf,
  versionsOf,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-plan.ts";

const samples = {
  memoryMiB: [3008, 1769],
  engines: ["llama-cli", "llama-server"],
  tokens: [10, 50],
  warmSamples: 20,
  coldSamples: 3,
} as const;

const setup = { memoryMiB: 1769, engine: "llama-server" } as const;

describe("setupsOf", () => {
  it("has every memory size with every engine, in the order of the settings", () => {
    expect(setupsOf(samples).map(({ memoryMiB, engine }) => `${memoryMiB} ${engine}`)).toEqual([
      "3008 llama-cli",
      "3008 llama-server",
      "1769 llama-cli",
      "1769 llama-server",
    ]);
  });
});

describe("versionsOf", () => {
  it.each([
    [20, 3],
    [20, 20],
    [21, 1],
    [5, 1],
    [1, 7],
  ])("asks for %i warm and %i cold samples of every case, no more, no less", (warm, cold) => {
    const wanted = { ...samples, warmSamples: warm, coldSamples: cold };

    const calls = versionsOf(wanted, setup).flat();

    for (const tokens of samples.tokens) {
      const ofTokens = calls.filter(({ tokensAsked }) => tokensAsked === tokens);
      expect(ofTokens.filter(({ start }) => start === "cold")).toHaveLength(cold);
      expect(ofTokens.filter(({ start }) => start === "warm")).toHaveLength(warm);
    }
    expect(plannedCalls(wanted)).toBe(4 * calls.length);
  });

  it("calls each version cold once and first, then warm, the numbers of tokens in turn", () => {
    const versions = versionsOf(samples, setup);

    expect(versions.map((calls) => calls.length)).toEqual([7, 7, 9, 7, 7, 9]);
    for (const [first, ...others] of versions) {
      expect(first?.start).toBe("cold");
      expect(others.every(({ start }) => start === "warm")).toBe(true);
    }
    expect(versions[0]?.map(({ tokensAsked }) => tokensAsked)).toEqual([
      10, 10, 50, 10, 50, 10, 50,
    ]);
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
