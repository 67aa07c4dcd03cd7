import {
  setupsOf,
  versionsOf,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-plan.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";

describe("versionsOf", () => {
  it.each([
    [20, 3],
    [20, 20],
    [21, 1],
    [5, 1],
    [1, 7],
  ])("asks for %i warm and %i cold samples of every case, no more, no less", (warm, cold) => {
    const settings = {
      ...parseBenchmarkSettings({ TOKENS: "10,50" }),
      warmSamples: warm,
      coldSamples: cold,
    };
    const [setup] = setupsOf(settings);
    if (setup === undefined) throw new Error("no setup");

    const versions = versionsOf(settings, setup);

    const calls = versions.flat().map(({ start, tokensAsked }) => `${start} ${tokensAsked}`);
    for (const tokens of [10, 50]) {
      expect(calls.filter((call) => call === `cold ${tokens}`)).toHaveLength(cold);
      expect(calls.filter((call) => call === `warm ${tokens}`)).toHaveLength(warm);
    }
    for (const [first, ...others] of versions) {
      expect(first?.start).toBe("cold");
      expect(others.every(({ start }) => start === "warm")).toBe(true);
    }
    const sizes = versions.map((cases) => cases.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
  });
});
