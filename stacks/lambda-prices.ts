import type { StackConfig } from "./settings-schema.ts";

/** What the price of a second depends on. */
export type Sizing = Pick<StackConfig, "architecture" | "memoryMiB">;

/**
 * Prices of Lambda in us-east-1, by the millisecond, first tier, without the free tier. From AWS's
 * Price List (offer AWSLambda of 2026-09-19) as third parties quote it, read 2026-11; AWS's own pages
 * were not reachable. Compare with https://aws.amazon.com/lambda/pricing/ before relying on them.
 */
export const lambdaPrices = {
  usdPerGbSecond: { x86_64: 0.000_016_666_7, arm64: 0.000_013_333_4 },
  usdPerRequest: 0.2 / 1_000_000,
  /** Provisioned concurrency: while it waits, and in place of `usdPerGbSecond` while it runs. */
  provisioned: {
    usdPerGbSecondWaiting: { x86_64: 0.000_004_166_7, arm64: 0.000_003_333_4 },
    usdPerGbSecondRunning: { x86_64: 0.000_009_722_2, arm64: 0.000_007_777_8 },
  },
  /**
   * SnapStart, the same on both architectures: for the snapshot of a published version as long as it
   * is kept (three hours at least), and for each environment restored from it. GB of function memory;
   * the list says "memory and disk", AWS's page memory only.
   */
  snapStart: { usdPerGbSecondCached: 0.000_001_504_6, usdPerGbRestored: 0.000_139_799_8 },
} as const;

/** GB as AWS bills them: of 1,024 MB. */
export function billedGb(memoryMiB: number): number {
  return memoryMiB / 1024;
}

/** USD for one second of a function. */
export function usdPerSecond({ architecture, memoryMiB }: Sizing): number {
  return billedGb(memoryMiB) * lambdaPrices.usdPerGbSecond[architecture];
}

/** USD for one millisecond of a function. */
export function usdPerMillisecond(sizing: Sizing): number {
  return usdPerSecond(sizing) / 1000;
}

/** USD for one invocation that is billed for this many milliseconds. */
export function usdPerInvocation(sizing: Sizing, billedMs: number): number {
  return billedMs * usdPerMillisecond(sizing) + lambdaPrices.usdPerRequest;
}

/** USD for a month of 730 hours. */
export function usdPerMonth(usdPerSecondKept: number): number {
  return usdPerSecondKept * 730 * 3600;
}
