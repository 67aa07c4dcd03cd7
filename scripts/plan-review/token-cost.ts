import { cpusOfMemory } from "../../runtime/lambda-sizing.ts";
import type { StackConfig } from "../../stacks/config.ts";
import { lambdaPrices } from "../../stacks/lambda-prices.ts";

/** What the price of a token depends on. */
export interface Sizing {
  readonly architecture: StackConfig["architecture"];
  readonly memoryMiB: number;
}

/**
 * Tokens per second of decoding by CPUs: bitnet.cpp's own figures for the 2B model with a Q6_K
 * embedding on an EPYC (microsoft/BitNet src/README.md, read 2026-11). Nobody has measured Lambda
 * here; the figures serve to compare two sizes, not to predict a bill.
 */
const decodingSpeed = [
  [0, 0],
  [1, 14.8],
  [2, 25.9],
  [4, 43.8],
  [8, 64.1],
] as const;

/** Where the speeds come from, for reports. */
export const speedSource =
  "decoding only, at bitnet.cpp's published speeds for an EPYC, in proportion to the memory's vCPUs; us-east-1, without the free tier";

const secondsPerMonth = 730 * 3600;

/** Tokens per second that a function of this memory size may be expected to decode. */
export function tokensPerSecond(memoryMiB: number): number {
  const cpus = cpusOfMemory(memoryMiB);
  const above = decodingSpeed.findIndex(([known]) => known >= cpus);
  const [fewer, slower] = decodingSpeed[above - 1] ?? decodingSpeed[0];
  const [more, faster] = decodingSpeed[above] ?? decodingSpeed[0];
  return slower + ((faster - slower) * (cpus - fewer)) / (more - fewer);
}

/** USD for a million tokens, one request after the other. */
export function usdPerMillionTokens({ architecture, memoryMiB }: Sizing): number {
  const usdPerSecond = (memoryMiB / 1024) * lambdaPrices.usdPerGbSecond[architecture];
  return (usdPerSecond / tokensPerSecond(memoryMiB)) * 1_000_000;
}

/** The same in an environment that provisioned concurrency keeps, its waiting not counted. */
export function provisionedUsdPerMillionTokens({ architecture, memoryMiB }: Sizing): number {
  const price = lambdaPrices.provisioned.usdPerGbSecondRunning[architecture];
  return (((memoryMiB / 1024) * price) / tokensPerSecond(memoryMiB)) * 1_000_000;
}

/** USD a month of 730 hours for environments kept warm, whether anyone calls or not. */
export function usdPerMonthWaiting({ architecture, memoryMiB }: Sizing, environments: number) {
  const price = lambdaPrices.provisioned.usdPerGbSecondWaiting[architecture];
  return (memoryMiB / 1024) * price * environments * secondsPerMonth;
}

/** USD a day when so many environments run without a pause: the most that can be spent. */
export function usdPerDayAtMost({ architecture, memoryMiB }: Sizing, environments: number): number {
  return (memoryMiB / 1024) * lambdaPrices.usdPerGbSecond[architecture] * environments * 86_400;
}
