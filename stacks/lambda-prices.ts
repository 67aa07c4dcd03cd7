import type { StackConfig } from "./config.ts";

/**
 * What Lambda costs in us-east-1, by the millisecond, without the free tier. List prices as third
 * parties quote them in 2026; those of provisioned concurrency have not been looked up. Compare with
 * https://aws.amazon.com/lambda/pricing/ before relying on them.
 */
export const lambdaPrices = {
  usdPerGbSecond: { x86_64: 0.000_016_666_7, arm64: 0.000_013_333_4 },
  usdPerRequest: 0.2 / 1_000_000,
  /** Provisioned concurrency: while it waits, and in place of `usdPerGbSecond` while it runs. */
  provisioned: {
    usdPerGbSecondWaiting: { x86_64: 0.000_004_166_7, arm64: 0.000_003_333_4 },
    usdPerGbSecondRunning: { x86_64: 0.000_009_722_2, arm64: 0.000_007_777_8 },
  },
} as const satisfies {
  usdPerGbSecond: PriceByArchitecture;
  usdPerRequest: number;
  provisioned: {
    usdPerGbSecondWaiting: PriceByArchitecture;
    usdPerGbSecondRunning: PriceByArchitecture;
  };
};

type PriceByArchitecture = Record<StackConfig["architecture"], number>;

/** USD for one millisecond of a function; AWS counts 1,024 MB as a GB. */
export function usdPerMillisecond({
  architecture,
  memoryMiB,
}: Pick<StackConfig, "architecture" | "memoryMiB">): number {
  return ((memoryMiB / 1024) * lambdaPrices.usdPerGbSecond[architecture]) / 1000;
}

/** USD for one invocation that is billed for this many milliseconds. */
export function usdPerInvocation(
  sizing: Pick<StackConfig, "architecture" | "memoryMiB">,
  billedMs: number,
): number {
  return billedMs * usdPerMillisecond(sizing) + lambdaPrices.usdPerRequest;
}
