import { cpusOfMemory } from "../../runtime/lambda-sizing.ts";
import {
  billedGb,
  lambdaPrices,
  type Sizing,
  usdPerMonth,
  usdPerSecond,
} from "../../stacks/lambda-prices.ts";

/** Tokens per second: reading the prompt, and generating the answer. */
export interface Speed {
  readonly prompt: number;
  readonly decode: number;
}

/** CPUs, then the {@link Speed} with as many threads. */
type SpeedByCpus = readonly (readonly [cpus: number, prompt: number, decode: number])[];

/**
 * bitnet.cpp's own figures for the 2B model (microsoft/BitNet src/README.md, read 2026-11). They
 * compare sizes; they do not predict a bill.
 *
 * x86_64: an EPYC, with a Q6_K embedding; decoding from the labels of the chart, prompts read off the
 * chart by eye. arm64: an Azure Cobalt 100 with the kernels before 2025-11, which our arm64 pin has
 * (the newer ones misread the published model), read off a chart by eye, embedding not stated.
 */
const publishedSpeeds = {
  x86_64: [
    [0, 0, 0],
    [1, 43, 14.8],
    [2, 81, 25.9],
    [4, 158, 43.8],
    [8, 292, 64.1],
  ],
  arm64: [
    [0, 0, 0],
    [1, 13, 5.5],
    [2, 26, 10.3],
    [4, 52, 19.6],
    [8, 103, 35],
  ],
} as const satisfies Record<Sizing["architecture"], SpeedByCpus>;

/** Source of the published speeds, for reports. */
export const publishedSpeedSource =
  "bitnet.cpp's published speeds in proportion to the memory's vCPUs: x86_64 of an EPYC, arm64 of an Azure Cobalt 100 with the older kernels that the arm64 pin has, read off a chart; not measured on Lambda";

/** Basis of the cost of a token in a plan review. */
export const speedSource = `decoding only, at ${publishedSpeedSource}; us-east-1, without the free tier`;

/** The published speed at the vCPUs of this memory size. */
export function publishedSpeed({ architecture, memoryMiB }: Sizing): Speed {
  return publishedSpeedOfCpus(architecture, cpusOfMemory(memoryMiB));
}

/** The published speed with so many CPUs, interpolated; at most that of 8. */
export function publishedSpeedOfCpus(architecture: Sizing["architecture"], cpus: number): Speed {
  const speeds: SpeedByCpus = publishedSpeeds[architecture];
  const within = Math.min(cpus, 8);
  const above = speeds.findIndex(([known]) => known >= within && known > 0);
  const [fewer = 0, slowPrompt = 0, slowDecode = 0] = speeds[above - 1] ?? [];
  const [more = 0, fastPrompt = 0, fastDecode = 0] = speeds[above] ?? [];
  const share = (within - fewer) / (more - fewer);
  return {
    prompt: slowPrompt + (fastPrompt - slowPrompt) * share,
    decode: slowDecode + (fastDecode - slowDecode) * share,
  };
}

/** A size with its decoding speed; default: the published one. */
export type DecodingSize = Sizing & { readonly tokensPerSecond?: number };

/** Tokens per second that a function of this size is expected to decode. */
export function tokensPerSecond(size: DecodingSize): number {
  return size.tokensPerSecond ?? publishedSpeed(size).decode;
}

/** USD for a million tokens, one after the other. */
export function usdPerMillionTokens(size: DecodingSize): number {
  return (usdPerSecond(size) / tokensPerSecond(size)) * 1_000_000;
}

/** The same in an environment of provisioned concurrency, without the price of its waiting. */
export function provisionedUsdPerMillionTokens(size: DecodingSize): number {
  const usdRunning = lambdaPrices.provisioned.usdPerGbSecondRunning[size.architecture];
  return ((billedGb(size.memoryMiB) * usdRunning) / tokensPerSecond(size)) * 1_000_000;
}

/** USD a month for environments of provisioned concurrency, whether anyone calls or not. */
export function usdPerMonthWaiting({ architecture, memoryMiB }: Sizing, environments: number) {
  const usdWaiting = lambdaPrices.provisioned.usdPerGbSecondWaiting[architecture];
  return usdPerMonth(billedGb(memoryMiB) * usdWaiting * environments);
}

/** USD a day for environments that run without a pause: the most that can be spent. */
export function usdPerDayAtMost(size: Sizing, environments: number): number {
  return usdPerSecond(size) * environments * 86_400;
}
