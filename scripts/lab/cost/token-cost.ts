import {
  billedGb,
  lambdaPrices,
  type Sizing,
  usdPerSecond,
} from "../../../stacks/lambda-prices.ts";
import { publishedSpeed, publishedSpeedSource } from "./published-speeds.ts";

/** A size, and how fast it decodes; by the published figures where nothing else is known. */
export type DecodingSize = Sizing & { readonly tokensPerSecond?: number };

/** What the costs of a token stand on, for reports. */
export const speedSource = `decoding only, at ${publishedSpeedSource}; us-east-1, without the free tier`;

const secondsPerMonth = 730 * 3600;

/** Tokens per second that a function of this size may be expected to decode. */
export function tokensPerSecond(size: DecodingSize): number {
  return size.tokensPerSecond ?? publishedSpeed(size).decode;
}

/** USD for a million tokens, one request after the other. */
export function usdPerMillionTokens(size: DecodingSize): number {
  return (usdPerSecond(size) / tokensPerSecond(size)) * 1_000_000;
}

/** The same in an environment that provisioned concurrency keeps, its waiting not counted. */
export function provisionedUsdPerMillionTokens(size: DecodingSize): number {
  return (provisionedUsdPerSecond(size) / tokensPerSecond(size)) * 1_000_000;
}

/** USD for a second of running in an environment that provisioned concurrency keeps. */
export function provisionedUsdPerSecond({ architecture, memoryMiB }: Sizing): number {
  return billedGb(memoryMiB) * lambdaPrices.provisioned.usdPerGbSecondRunning[architecture];
}

/** USD a second for an environment kept warm, whether anyone calls or not. */
export function waitingUsdPerSecond({ architecture, memoryMiB }: Sizing): number {
  return billedGb(memoryMiB) * lambdaPrices.provisioned.usdPerGbSecondWaiting[architecture];
}

/** USD a month of 730 hours for environments kept warm. */
export function usdPerMonthWaiting(size: Sizing, environments: number): number {
  return waitingUsdPerSecond(size) * environments * secondsPerMonth;
}

/** USD a day when so many environments run without a pause: the most that can be spent. */
export function usdPerDayAtMost(size: Sizing, environments: number): number {
  return usdPerSecond(size) * environments * 86_400;
}
