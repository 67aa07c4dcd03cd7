import {
  provisionedUsdPerMillionTokens,
  publishedSpeedOfCpus,
  tokensPerSecond,
  usdPerDayAtMost,
  usdPerMillionTokens,
  usdPerMonthWaiting,
} from "../../../../scripts/review/token-cost.ts";

const x86 = (memoryMiB: number) => ({ architecture: "x86_64", memoryMiB }) as const;
const arm = (memoryMiB: number) => ({ architecture: "arm64", memoryMiB }) as const;

describe("tokensPerSecond", () => {
  it.each([
    [x86(1769), 14.8],
    [x86(2 * 1769), 25.9],
    [x86(4 * 1769), 43.8],
    [x86(3 * 1769), (25.9 + 43.8) / 2],
    [x86(1769 / 2), 7.4],
    [x86(6 * 1769), (43.8 + 64.1) / 2],
    [x86(10_240_000), (43.8 + 64.1) / 2],
    [arm(1769), 5.5],
    [arm(3 * 1769), (10.3 + 19.6) / 2],
    [{ ...x86(3008), tokensPerSecond: 20 }, 20],
  ])("of %j is %d", (size, speed) => {
    expect(tokensPerSecond(size)).toBeCloseTo(speed, 3);
  });
});

test.each([
  ["x86_64", 3, 119.5],
  ["x86_64", 9, 292],
  ["arm64", 2, 26],
] as const)("publishedSpeedOfCpus of %s with %d CPUs reads %d a second", (...[of, cpus, speed]) => {
  expect(publishedSpeedOfCpus(of, cpus).prompt).toBeCloseTo(speed, 6);
});

describe("the costs", () => {
  const fast = { ...x86(3008), tokensPerSecond: 20 };

  // 3,008 MB are 2.9375 GB, 1,769 MB one vCPU.
  it.each([
    // 2.9375 × 0.0000166667 ÷ 20 × 1,000,000
    ["a million tokens, 20 a second", usdPerMillionTokens(fast), 2.4479],
    // 1769 / 1024 × the price of a GB-second / published tokens a second × 1,000,000
    ["a million tokens with one vCPU of x86_64", usdPerMillionTokens(x86(1769)), 1.9454],
    ["a million tokens with one vCPU of arm64", usdPerMillionTokens(arm(1769)), 4.188],
    // 2.9375 × 0.0000097222 ÷ 20 × 1,000,000
    ["a million in a kept environment", provisionedUsdPerMillionTokens(fast), 1.4279],
    // 2.9375 × 0.0000041667 × 2 × 730 × 3600
    ["a month of two waiting environments", usdPerMonthWaiting(x86(3008), 2), 64.3318],
    // 2.9375 × 0.0000133334 × 86,400
    ["a day without a pause", usdPerDayAtMost(arm(3008), 1), 3.384],
  ])("of %s", (_name, usd, expected) => {
    expect(usd).toBeCloseTo(expected, 3);
  });
});
