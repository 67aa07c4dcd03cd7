import fc from "fast-check";
import { architectures } from "../../../../model/architecture.ts";
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

  it("never falls with memory", () => {
    const property = fc.property(
      fc.constantFrom(...architectures),
      fc.integer({ min: 128, max: 10_239 }),
      (architecture, memoryMiB) => {
        const less = tokensPerSecond({ architecture, memoryMiB });

        expect(tokensPerSecond({ architecture, memoryMiB: memoryMiB + 1 })).toBeGreaterThanOrEqual(
          less,
        );
      },
    );

    fc.assert(property);
  });
});

describe("publishedSpeedOfCpus", () => {
  it.each([
    ["x86_64", 1, { prompt: 43, decode: 14.8 }],
    ["x86_64", 3, { prompt: 119.5, decode: 34.85 }],
    ["x86_64", 8, { prompt: 292, decode: 64.1 }],
    ["x86_64", 9, { prompt: 292, decode: 64.1 }],
    ["arm64", 2, { prompt: 26, decode: 10.3 }],
  ] as const)("of %s with %d CPUs is %j", (architecture, cpus, speed) => {
    const found = publishedSpeedOfCpus(architecture, cpus);

    expect(found.prompt).toBeCloseTo(speed.prompt, 6);
    expect(found.decode).toBeCloseTo(speed.decode, 6);
  });
});

describe("usdPerMillionTokens", () => {
  // 3,008 MB are 2.9375 GB: 2.9375 × 0.0000166667 USD ÷ 20 tokens × 1,000,000 = 2.4479 USD.
  it("of 3,008 MB at 20 tokens a second on x86_64 is 2.45 USD", () => {
    expect(usdPerMillionTokens({ ...x86(3008), tokensPerSecond: 20 })).toBeCloseTo(2.4479, 4);
  });

  // 1769 MB / 1024 × the price of a GB-second / published tokens a second × 1,000,000
  it.each([
    [x86(1769), 1.9454],
    [arm(1769), 4.188],
  ])("of one vCPU, %j, is %d", (size, usd) => {
    expect(usdPerMillionTokens(size)).toBeCloseTo(usd, 3);
  });
});

describe("the other costs", () => {
  // 2.9375 GB throughout.
  it.each([
    // × 0.0000097222 ÷ 20 × 1,000,000
    [
      "a million tokens in a kept environment",
      provisionedUsdPerMillionTokens({ ...x86(3008), tokensPerSecond: 20 }),
      1.4279,
    ],
    // × 0.0000041667 × 2 × 730 × 3600
    ["a month of two waiting environments", usdPerMonthWaiting(x86(3008), 2), 64.3318],
    // × 0.0000133334 × 86,400
    ["a day without a pause", usdPerDayAtMost(arm(3008), 1), 3.384],
  ])("%s", (_name, usd, expected) => {
    expect(usd).toBeCloseTo(expected, 3);
  });
});
