import type { engineNames } from "../../../runtime/config.ts";
import type { Sizing } from "../../../stacks/lambda-prices.ts";
import type { Spread } from "../statistics.ts";

/** One of the two engines. */
export type EngineName = (typeof engineNames)[number];

/** How a function of one size and engine takes its time; all of it is billed. */
export interface CostPoint extends Sizing {
  readonly engine: EngineName;
  /** Tokens a second while it makes the answer. */
  readonly tokensPerSecond: number;
  /** Spread of the measurements behind `tokensPerSecond`, where there are any. */
  readonly spread?: Spread;
  /** Seconds of each request before the answer begins: loading the model, reading the prompt. */
  readonly secondsBefore: number;
  /** Seconds that a cold start adds. */
  readonly coldSeconds: number;
  /** The same for one from a SnapStart snapshot. */
  readonly restoredSeconds: number;
  /** Which of the two were measured; the others are assumed. */
  readonly measuredStarts?: readonly StartMeasurement[];
}

/** The kinds of start that can be measured. */
export type StartMeasurement = "cold" | "restored";

/** Billed seconds of a request to a warm environment. */
export function requestSeconds(point: CostPoint, answerTokens: number): number {
  return point.secondsBefore + answerTokens / point.tokensPerSecond;
}
