import { UserError } from "../../../model/user-error.ts";
import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import { billedGb, usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import { resourceName } from "../../../stacks/resource-names.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { textTable } from "../../cli/text-table.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";

/** What one deployment of the environment is configured with. */
export interface Setup {
  readonly memoryMiB: number;
  readonly engine: BenchmarkSettings["ENGINES"][number];
}

/** What is measured: a row of the report. */
export interface Case extends Setup {
  /** In a new execution environment, or in one that has answered before. */
  readonly start: "cold" | "warm";
  readonly tokensAsked: number;
}

/** `3008 MB llama-cli` */
export function setupName({ memoryMiB, engine }: Setup): string {
  return `${memoryMiB} MB ${engine}`;
}

/** `3008 MB llama-cli warm 50 tokens` */
export function caseName({ start, tokensAsked, ...setup }: Case): string {
  return `${setupName(setup)} ${start} ${tokensAsked} tokens`;
}

/** All setups, in the order in which they are deployed. */
export function setupsOf({ MEMORY_SIZES, ENGINES }: BenchmarkSettings): Setup[] {
  return MEMORY_SIZES.flatMap((memoryMiB) => ENGINES.map((engine) => ({ memoryMiB, engine })));
}

/**
 * The calls of one setup, by the version that they are made to. The first one of each is cold; warm
 * ones are spread over all versions, so that no figure depends on one machine.
 */
export function versionsOf(settings: BenchmarkSettings, setup: Setup): Case[][] {
  const { TOKENS, COLD_SAMPLES, WARM_SAMPLES } = settings;
  const warmBefore = (round: number) => Math.floor((round * WARM_SAMPLES) / COLD_SAMPLES);
  return Array.from({ length: COLD_SAMPLES }, (_, round) => round).flatMap((round) =>
    TOKENS.map((tokensAsked) => {
      const warm: Case = { ...setup, start: "warm", tokensAsked };
      const warmCount = warmBefore(round + 1) - warmBefore(round);
      return [{ ...warm, start: "cold" as const }, ...new Array<Case>(warmCount).fill(warm)];
    }),
  );
}

/** Every call, in order. */
export function callsOf(settings: BenchmarkSettings): Case[] {
  return setupsOf(settings).flatMap((setup) => versionsOf(settings, setup).flat());
}

/**
 * What the expected cost assumes: a rate below the engine's published one for one core (about 15
 * tokens a second, its `src/README.md`), and the cold start that manu-mishra/one-bit-llm-on-lambda
 * reports of this model (read 2026-11).
 */
const assumed = { tokensPerSecondPerCpu: 10, warmMs: 1500, coldMs: 12_000 } as const;

/** Longest initialization or restore that Lambda allows, in addition to the function's time limit. */
const longestStartMs = 10_000;

/** What will be deployed and measured, what it costs, and what that assumes. */
export function planText(settings: BenchmarkSettings, config: StackConfig): string {
  const { MEMORY_SIZES, ENGINES, TOKENS, BUDGET_USD } = settings;
  const { architecture, snapStart, timeoutSeconds } = config;
  const changes = setupsOf(settings).length - 1;
  const calls = callsOf(settings);
  const versions = calls.filter(({ start }) => start === "cold").length;
  const sizes = MEMORY_SIZES.map((size) => {
    const ofSize = calls.filter((call) => call.memoryMiB === size);
    return estimateRow(`${size} MB`, ofSize, config);
  });
  const isOverBudget = usdOf(calls, config, expectedMs) > BUDGET_USD;
  return [
    `${resourceName(config, "function")} in ${config.region}, ${architecture}, SnapStart ${snapStart ? "on" : "off"}: deployed for this benchmark alone, changed ${changes} times, then destroyed`,
    `${MEMORY_SIZES.join(", ")} MB × ${ENGINES.join(", ")} × ${TOKENS.join(", ")} tokens × ${settings.WARM_SAMPLES} warm and ${settings.COLD_SAMPLES} cold calls, in ${versions} published versions`,
    settings.QUICK && "QUICK=1: too few samples to conclude anything from; the report says so",
    "",
    textTable(
      [architecture, "calls", "expected GB-s", "USD", "at most GB-s", "USD"],
      [...sizes, estimateRow("together", calls, config)],
    ),
    "",
    `Expected (assumed, not measured): ${assumed.tokensPerSecondPerCpu} tokens a second for each vCPU, ${assumed.warmMs / 1000} s around an answer and ${assumed.coldMs / 1000} s more for a cold start.`,
    `At most: every call takes the function's ${timeoutSeconds} s and ${longestStartMs / 1000} s to start. No call is made that could exceed BUDGET_USD=${BUDGET_USD}.`,
    isOverBudget &&
      "EXPECTED IS MORE THAN THE BUDGET: the run will stop early. Raise it, or measure less.",
    `NOT INCLUDED: the image's registry while it exists (about 0.1 USD per GB and month)${snapStart ? "; SnapStart's charges for the cached snapshot of each version and for each restore" : ""}.`,
    "",
  ]
    .filter((line) => line !== false)
    .join("\n");
}

/** A call that has been made. */
interface Paid {
  readonly costUsd: number;
}

/** USD of calls together. */
export function spentUsd(paid: readonly Paid[]): number {
  return sum(paid.map(({ costUsd }) => costUsd));
}

/** The next call could exceed BUDGET_USD. */
export class BudgetReached extends UserError {}

/** @throws BudgetReached when one more call could exceed the budget */
export function requireBudget(
  { BUDGET_USD }: BenchmarkSettings,
  config: StackConfig,
  { memoryMiB }: Setup,
  paid: readonly Paid[] = [],
): void {
  const mostUsd = worstCaseUsd(config, memoryMiB);
  if (spentUsd(paid) + mostUsd <= BUDGET_USD) return;
  throw new BudgetReached(
    `BUDGET_USD=${BUDGET_USD}: a call of ${memoryMiB} MB may cost ${mostUsd.toFixed(4)} USD, and ${spentUsd(paid).toFixed(4)} are spent`,
  );
}

/** USD of an invocation that runs into its time limit. */
export function worstCaseUsd(config: StackConfig, memoryMiB: number): number {
  return usdPerInvocation({ ...config, memoryMiB }, mostMs(config));
}

const mostMs = ({ timeoutSeconds }: StackConfig) => longestStartMs + timeoutSeconds * 1000;

function expectedMs({ memoryMiB, start, tokensAsked }: Case): number {
  const tokensPerMs = (assumed.tokensPerSecondPerCpu * cpusOfMemory(memoryMiB)) / 1000;
  return assumed.warmMs + (start === "cold" ? assumed.coldMs : 0) + tokensAsked / tokensPerMs;
}

/** The number of calls, then GB-seconds and USD: as expected, and at most. */
function estimateRow(title: string, calls: readonly Case[], config: StackConfig): string[] {
  const costs = [expectedMs, () => mostMs(config)].flatMap((msOf) => {
    const gbSeconds = sum(calls.map((call) => (billedGb(call.memoryMiB) * msOf(call)) / 1000));
    return [gbSeconds.toFixed(0), usdOf(calls, config, msOf).toFixed(4)];
  });
  return [title, String(calls.length), ...costs];
}

function usdOf(calls: readonly Case[], config: StackConfig, msOf: (call: Case) => number): number {
  return sum(calls.map((call) => usdPerInvocation({ ...config, ...call }, msOf(call))));
}

/** The total of some numbers. */
function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
