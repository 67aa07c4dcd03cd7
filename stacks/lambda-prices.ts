import type { StackConfig } from "./settings-schema.ts";

/** What the price of a second depends on. */
export type Sizing = Pick<StackConfig, "architecture" | "memoryMiB">;

type PriceByArchitecture = Record<StackConfig["architecture"], number>;

/** Where the prices of {@link lambdaPrices} and {@link instances} come from, for reports. */
export const priceSources = {
  region: "us-east-1",
  lambda: {
    /** When AWS published the list. */
    date: "2026-09-19",
    text: "AWS Price List, offer AWSLambda, as third parties quote it",
    page: "https://aws.amazon.com/lambda/pricing/",
  },
  instances: {
    /** When a third party read it. */
    date: "2026-10-05",
    text: "AWS Price List, offer AmazonEC2, Linux on demand, as third parties quote it",
    page: "https://aws.amazon.com/ec2/pricing/on-demand/",
  },
} as const;

/**
 * What Lambda costs in us-east-1, by the millisecond, in the first tier, without the free tier. List
 * prices as third parties quote AWS's Price List (offer AWSLambda of 2026-09-19, looked up 2026-11);
 * AWS's own pages could not be reached from here. Compare with https://aws.amazon.com/lambda/pricing/
 * before relying on them.
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
   * SnapStart, both architectures alike: for a published version's snapshot as long as it is kept
   * (three hours at least), and for each environment that starts from it. GB of function memory;
   * the list says "memory and disk", AWS's page speaks of memory alone.
   */
  snapStart: { usdPerGbSecondCached: 0.000_001_504_6, usdPerGbRestored: 0.000_139_799_8 },
} as const satisfies {
  usdPerGbSecond: PriceByArchitecture;
  usdPerRequest: number;
  provisioned: {
    usdPerGbSecondWaiting: PriceByArchitecture;
    usdPerGbSecondRunning: PriceByArchitecture;
  };
  snapStart: { usdPerGbSecondCached: number; usdPerGbRestored: number };
};

/**
 * Always-on instances of two vCPUs to compare with, on demand in us-east-1, Linux, without disk,
 * address and traffic. Third parties quote c7i.large from AWS's Price List on 2026-10-05; c7g.large
 * agrees with the Price List's fee for managed instances (15 % of twice its price) of 2026-09-19.
 */
export const instances = {
  x86_64: { name: "c7i.large", cpus: 2, usdPerHour: 0.089_25 },
  arm64: { name: "c7g.large", cpus: 2, usdPerHour: 0.072_5 },
} as const satisfies Record<
  StackConfig["architecture"],
  { name: string; cpus: number; usdPerHour: number }
>;

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
