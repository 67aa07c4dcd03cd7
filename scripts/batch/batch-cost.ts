import type { BatchResult } from "../../runtime/batch/batch-result.ts";
import { lambdaPrices, type Sizing, usdPerSecond } from "../../stacks/lambda-prices.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { publishedSpeed, publishedSpeedSource } from "../review/token-cost.ts";
import type { CheckedItem } from "./check-file.ts";
import { batchesForEachPlace, groupItems } from "./cloud-batches.ts";
import { type RunCost, runFigures } from "./summary.ts";

/**
 * Prices of what a batch uses besides Lambda, in us-east-1: a state transition of a standard workflow,
 * and a PUT to S3. As AWS's pages had them in 2025; compare before relying on them.
 */
const prices = { usdPerTransition: 0.025 / 1000, usdPerPut: 0.005 / 1000 } as const;

/** Transitions of a batch: answer, save, choice, done, and the map's start of it. */
const transitionsPerBatch = 5;

/** Characters of a prompt for each of its tokens, in English. */
const charactersPerToken = 4;

/** Where {@link estimatedUsd} has its speeds from. */
export const estimateSource = publishedSpeedSource;

/**
 * USD that a run in the cloud costs at most, at the published speeds: each batch reads what its prompts
 * have in common once, and every answer is as long as it may be.
 *
 * @param places batches answered at once
 */
export function estimatedUsd(items: readonly CheckedItem[], places: number, size: Sizing): number {
  const batches = groupItems(items, places).length;
  const sorted = items.map(({ request }) => request.prompt).sort();
  const longestShared = sorted.map((prompt, at) => sharedLength(prompt, sorted[at - 1] ?? ""));
  const whole = sorted.reduce((sum, { length }) => sum + length, 0);
  const shared = longestShared.reduce((sum, length) => sum + length, 0);
  // The first prompt of a batch finds nothing in the cache.
  const readAgain = (batches * shared) / Math.max(1, items.length);
  const promptTokens = (whole - shared + readAgain) / charactersPerToken;
  const answerTokens = items.reduce((sum, { request }) => sum + request.answerTokens, 0);
  const speed = publishedSpeed(size);
  const seconds = promptTokens / speed.prompt + answerTokens / speed.decode;
  return seconds * usdPerSecond(size) + batches * usdPerBatch;
}

const usdPerBatch =
  lambdaPrices.usdPerRequest + transitionsPerBatch * prices.usdPerTransition + prices.usdPerPut;

function sharedLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  for (let length = 0; length < most; length++) if (one[length] !== other[length]) return length;
  return most;
}

/** USD of a run by the times that its answers report, and of the same lines one by one. */
export function runCost(
  results: readonly Pick<BatchResult, "response">[],
  size: StackConfig,
): RunCost {
  const batches = Math.min(results.length, size.batchConcurrency * batchesForEachPlace);
  const { workSeconds, singleSeconds } = runFigures(results);
  return {
    usd: workSeconds * usdPerSecond(size) + batches * usdPerBatch,
    singleUsd: singleSeconds * usdPerSecond(size) + results.length * lambdaPrices.usdPerRequest,
  };
}
