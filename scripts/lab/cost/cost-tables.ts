import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import { instances } from "../../../stacks/lambda-prices.ts";
import { numberText } from "../charts/number-text.ts";
import { spreadText } from "../statistics.ts";
import { type CostPoint, requestSeconds } from "./cost-point.ts";
import { instanceSeconds } from "./cost-points.ts";
import {
  cheaperFrom,
  dailyCost,
  daysPerMonth,
  requestsFor,
  secondsPerDay,
  startKinds,
  type Traffic,
  usdOfDay,
} from "./daily-cost.ts";
import { usdPerMillionTokens } from "./token-cost.ts";

/** A table for people, whatever it is drawn in. */
export interface CostTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** USD for a million generated tokens, all that a request costs included. */
export function usdPerMillion(point: CostPoint, traffic: Traffic): number {
  const { usdPerRequest } = dailyCost("on demand", point, traffic);
  return (usdPerRequest / traffic.answerTokens) * 1_000_000;
}

/** The one for which a million tokens cost least; of equals the first. */
export function cheapestOf(points: readonly CostPoint[], traffic: Traffic): CostPoint | undefined {
  return leastOf(points, (point) => usdPerMillion(point, traffic));
}

/** The one whose answers take the least time; of equals the first. */
export function fastestOf(points: readonly CostPoint[], traffic: Traffic): CostPoint | undefined {
  return leastOf(points, (point) => requestSeconds(point, traffic.answerTokens));
}

function leastOf(
  points: readonly CostPoint[],
  amountOf: (point: CostPoint) => number,
): CostPoint | undefined {
  return points.toSorted((a, b) => amountOf(a) - amountOf(b))[0];
}

/** What tokens cost on demand, by size; for points of one architecture. */
export function sizeTable(points: readonly CostPoint[], traffic: Traffic): CostTable {
  const engines = [...new Set(points.map(({ engine }) => engine))];
  const rows = engines.flatMap((engine) => {
    const own = points.filter((point) => point.engine === engine);
    // Among one there is nothing to choose.
    const isChoice = own.length > 1;
    const cheapest = isChoice ? cheapestOf(own, traffic) : undefined;
    const fastest = isChoice ? fastestOf(own, traffic) : undefined;
    return own.map((point) => [
      `${numberText(point.memoryMiB)} MB`,
      numberText(cpusOfMemory(point.memoryMiB), 2),
      engine,
      point.spread === undefined ? point.tokensPerSecond.toFixed(1) : spreadText(point.spread),
      requestSeconds(point, traffic.answerTokens).toFixed(1),
      ...usdOfTokens(usdPerMillion(point, traffic)),
      usdPerMillionTokens(point).toFixed(2),
      [point === cheapest ? "cheapest" : "", point === fastest ? "fastest" : ""]
        .filter((mark) => mark !== "")
        .join(", "),
    ]);
  });
  const head = ["memory", "vCPUs", "engine", "tokens/s", "s a request"];
  return { head: [...head, ...perTokens, "decoding alone", ""], rows };
}

const perTokens = ["USD per 1,000 tokens", "USD per million"] as const;

function usdOfTokens(usdOfMillion: number): [string, string] {
  return [(usdOfMillion / 1000).toFixed(5), usdOfMillion.toFixed(2)];
}

/** What one size costs by how its environments start. */
export function startTable(
  points: readonly CostPoint[],
  traffic: Traffic,
  requestsPerDay: number,
): CostTable {
  const rows = points.flatMap((point) => {
    const plain = dailyCost("on demand", point, traffic);
    return startKinds.map((kind) => {
      const cost = dailyCost(kind, point, traffic);
      const tokens = requestsPerDay * traffic.answerTokens;
      const from = kind === "on demand" ? "" : requestsText(cheaperFrom(cost, plain));
      return [
        `${point.architecture}, ${point.engine}`,
        kind,
        (cost.fixedUsd * daysPerMonth).toFixed(2),
        ...usdOfTokens((usdOfDay(cost, requestsPerDay) / tokens) * 1_000_000),
        from,
      ];
    });
  });
  const head = ["function", "start", "USD a month in any case", ...perTokens];
  return { head: [...head, "cheaper than on demand from"], rows };
}

function requestsText(requests: number | undefined): string {
  return requests === undefined ? "never" : `${roundText(requests)} requests a day`;
}

/** Traffic of one answer after the other at which a function costs what an instance does. */
export interface BreakEven {
  readonly requestsPerDay: number;
  readonly tokensPerDay: number;
  /** Share of the day that the function runs, in all its environments: may be above 1. */
  readonly functionShare: number;
  /** The same for the instance: above 1 it cannot do that much. */
  readonly instanceShare: number;
}

/** Where a function on demand and the always-on instance of its architecture cost the same. */
export function breakEven(
  point: CostPoint,
  points: readonly CostPoint[],
  traffic: Traffic,
): BreakEven {
  const { answerTokens } = traffic;
  const usdOfInstance = instances[point.architecture].usdPerHour * 24;
  const requestsPerDay = requestsFor(dailyCost("on demand", point, traffic), usdOfInstance);
  const seconds = instanceSeconds(point.architecture, points, answerTokens) ?? Number.NaN;
  return {
    requestsPerDay,
    tokensPerDay: requestsPerDay * answerTokens,
    functionShare: (requestsPerDay * requestSeconds(point, answerTokens)) / secondsPerDay,
    instanceShare: (requestsPerDay * seconds) / secondsPerDay,
  };
}

/** {@link breakEven} of these, against the instances of all points. */
export function breakEvenTable(
  chosen: readonly CostPoint[],
  points: readonly CostPoint[],
  traffic: Traffic,
): CostTable {
  const rows = chosen.map((point) => {
    const { name, usdPerHour } = instances[point.architecture];
    const even = breakEven(point, points, traffic);
    return [
      `${numberText(point.memoryMiB)} MB ${point.architecture}, ${point.engine}`,
      `${name}, ${(usdPerHour * 24).toFixed(2)} USD a day`,
      roundText(even.requestsPerDay),
      roundText(even.tokensPerDay),
      percent(even.functionShare),
      even.instanceShare > 1
        ? `${percent(even.instanceShare)}: more than it can`
        : percent(even.instanceShare),
    ];
  });
  const head = ["function", "instance", "requests a day", "tokens a day"];
  return { head: [...head, "the function runs", "the instance would be busy"], rows };
}

/** `628,000`: three digits, since no speed is known better. */
export function roundText(count: number): string {
  return numberText(Number(count.toPrecision(3)));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
