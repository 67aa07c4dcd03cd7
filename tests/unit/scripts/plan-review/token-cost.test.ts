import fc from "fast-check";
import {
  tokensPerSecond,
  usdPerMillionTokens,
} from "../../../../scripts/plan-review/token-cost.ts";

describe("tokensPerSecond", () => {
  it.each([
    [1769, 14.8],
    [2 * 1769, 25.9],
    [4 * 1769, 43.8],
    [3 * 1769, (25.9 + 43.8) / 2],
    [1769 / 2, 7.4],
    [6 * 1769, (43.8 + 64.1) / 2],
    [10_240_000, (43.8 + 64.1) / 2],
  ])("with %d MB is %d", (memoryMiB, speed) => {
    expect(tokensPerSecond(memoryMiB)).toBeCloseTo(speed, 3);
  });

  it("never falls with memory", () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 10_239 }), (memoryMiB) => {
        expect(tokensPerSecond(memoryMiB + 1)).toBeGreaterThanOrEqual(tokensPerSecond(memoryMiB));
      }),
    );
  });
});

describe("usdPerMillionTokens", () => {
  // 1769 MB / 1024 × 0.0000166667 USD per GB-s / 14.8 tokens/s × 1,000,000
  it.each([
    ["x86_64", 1.9454],
    ["arm64", 1.5564],
  ] as const)("of one vCPU on %s is %d", (architecture, usd) => {
    expect(usdPerMillionTokens({ architecture, memoryMiB: 1769 })).toBeCloseTo(usd, 3);
  });
});
