import { billedGb, lambdaPrices, usdPerSecond } from "../../../stacks/lambda-prices.ts";
import { type CostPoint, requestSeconds } from "./cost-point.ts";
import { provisionedUsdPerSecond, waitingUsdPerSecond } from "./token-cost.ts";

/** Seconds of a day. */
export const secondsPerDay = 86_400;

/** Days of the month that the reports count with: 730 hours. */
export const daysPerMonth = 730 / 24;

/** How environments come to be: when they are needed, from a snapshot then, or beforehand. */
export const startKinds = ["on demand", "SnapStart", "provisioned"] as const;

/** One of {@link startKinds}. */
export type StartKind = (typeof startKinds)[number];

/** What a function is asked for. */
export interface Traffic {
  /** Tokens of an answer. */
  readonly answerTokens: number;
  /** Share of the requests that meet no warm environment, 0 to 1. */
  readonly coldShare: number;
  /** Environments that provisioned concurrency keeps. */
  readonly environments: number;
}

/** What a day costs in USD: something in any case, something for each request. */
export interface DailyCost {
  readonly fixedUsd: number;
  readonly usdPerRequest: number;
  /** Requests a day after which one costs `usdPerRequestBeyond`; kept environments are busy then. */
  readonly capacity: number;
  readonly usdPerRequestBeyond: number;
}

/** The daily cost of one size and engine, in one way to start environments. */
export function dailyCost(kind: StartKind, point: CostPoint, traffic: Traffic): DailyCost {
  return costs[kind](point, traffic);
}

const costs = {
  "on demand": (point, traffic) => unlimited(0, onDemandUsd(point, traffic)),
  SnapStart: (point, traffic) => {
    const { snapStart } = lambdaPrices;
    const gigabytes = billedGb(point.memoryMiB);
    const restore =
      gigabytes * snapStart.usdPerGbRestored + point.restoredSeconds * usdPerSecond(point);
    return unlimited(
      gigabytes * snapStart.usdPerGbSecondCached * secondsPerDay,
      warmUsd(point, traffic) + traffic.coldShare * restore,
    );
  },
  provisioned: (point, traffic) => {
    const { answerTokens, environments } = traffic;
    const seconds = requestSeconds(point, answerTokens);
    return {
      fixedUsd: waitingUsdPerSecond(point) * environments * secondsPerDay,
      usdPerRequest: seconds * provisionedUsdPerSecond(point) + lambdaPrices.usdPerRequest,
      capacity: (environments * secondsPerDay) / seconds,
      usdPerRequestBeyond: onDemandUsd(point, traffic),
    };
  },
} as const satisfies Record<StartKind, (point: CostPoint, traffic: Traffic) => DailyCost>;

function unlimited(fixedUsd: number, usdPerRequest: number): DailyCost {
  const capacity = Number.POSITIVE_INFINITY;
  return { fixedUsd, usdPerRequest, capacity, usdPerRequestBeyond: usdPerRequest };
}

function warmUsd(point: CostPoint, { answerTokens }: Traffic): number {
  const seconds = requestSeconds(point, answerTokens);
  return seconds * usdPerSecond(point) + lambdaPrices.usdPerRequest;
}

function onDemandUsd(point: CostPoint, traffic: Traffic): number {
  return warmUsd(point, traffic) + traffic.coldShare * point.coldSeconds * usdPerSecond(point);
}

/** USD of a day with so many requests. */
export function usdOfDay(cost: DailyCost, requests: number): number {
  const within = Math.min(requests, cost.capacity);
  const beyond = requests - within;
  return cost.fixedUsd + within * cost.usdPerRequest + beyond * cost.usdPerRequestBeyond;
}

/** Requests a day that so many USD pay for; 0 where the fixed part alone costs more. */
export function requestsFor(cost: DailyCost, usd: number): number {
  const left = usd - cost.fixedUsd;
  if (left <= 0) return 0;
  const within = left / cost.usdPerRequest;
  if (within <= cost.capacity) return within;
  return cost.capacity + (left - cost.capacity * cost.usdPerRequest) / cost.usdPerRequestBeyond;
}

/**
 * Requests a day from which `other` is the cheaper of two; `undefined` when it never is. Looks no
 * farther than `other`'s capacity, because beyond it both cost the same for one more request.
 */
export function cheaperFrom(other: DailyCost, plain: DailyCost): number | undefined {
  const saving = plain.usdPerRequest - other.usdPerRequest;
  if (saving <= 0) return undefined;
  const requests = (other.fixedUsd - plain.fixedUsd) / saving;
  return requests <= other.capacity ? Math.max(0, requests) : undefined;
}
