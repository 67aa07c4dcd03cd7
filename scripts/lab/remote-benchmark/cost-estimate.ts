import { UserError } from "../../../model/user-error.ts";
import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import { billedGb, usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import { resourceName } from "../../../stacks/resource-names.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { textTable } from "../../cli/text-table.ts";
import { setupsOf, versionsOf } from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";

/**
 * What the expected cost assumes: a rate below the engine's published one for one core (about 15
 * tokens a second, its `src/README.md`), and the cold start that manu-mishra/one-bit-llm-on-lambda
 * reports of this model (read 2026-11).
 */
const assumed = { tokensPerSecondPerCpu: 10, warmMs: 1500, coldMs: 12_000 } as const;

/** Longest initialization or restore that Lambda allows, in addition to the function's time limit. */
const longestStartMs = 10_000;

/** The settings of the function that its cost depends on. */
type CostFacts = Pick<StackConfig, "architecture" | "timeoutSeconds">;

const mostMs = ({ timeoutSeconds }: CostFacts) => longestStartMs + timeoutSeconds * 1000;

/** USD of an invocation that runs into its time limit. */
export function worstCaseUsd(facts: CostFacts, memoryMiB: number): number {
  return usdPerInvocation({ ...facts, memoryMiB }, mostMs(facts));
}

/** Calls; GB-seconds and USD at the assumed speed; both when every call runs into its time limit. */
type Estimate = readonly [number, number, number, number, number];

/** What all invocations of one memory size cost. */
function estimateOf(settings: BenchmarkSettings, facts: CostFacts, memoryMiB: number): Estimate {
  const sizing = { ...facts, memoryMiB };
  const rate = assumed.tokensPerSecondPerCpu * cpusOfMemory(memoryMiB);
  const one = { ...settings, memoryMiB: [memoryMiB] };
  const calls = setupsOf(one).flatMap((setup) => versionsOf(one, setup).flat());
  const gbSeconds = (ms: number) => billedGb(memoryMiB) * (ms / 1000);
  const most = mostMs(facts);
  const estimates = calls.map(({ start, tokensAsked }): Estimate => {
    const startMs = start === "cold" ? assumed.coldMs : 0;
    const ms = assumed.warmMs + startMs + (1000 * tokensAsked) / rate;
    const usd = usdPerInvocation(sizing, ms);
    return [1, gbSeconds(ms), usd, gbSeconds(most), usdPerInvocation(sizing, most)];
  });
  return sumOf(estimates);
}

function sumOf(estimates: readonly Estimate[]): Estimate {
  const sum = (at: number) => estimates.reduce((total, one) => total + (one[at] ?? 0), 0);
  return [sum(0), sum(1), sum(2), sum(3), sum(4)];
}

/** What will be deployed and measured, what it costs, and what that assumes. */
export function planText(settings: BenchmarkSettings, config: StackConfig): string {
  const { memoryMiB, engines, tokens, warmSamples, coldSamples, budgetUsd } = settings;
  const setups = setupsOf(settings);
  const versions = setups.flatMap((setup) => versionsOf(settings, setup)).length;
  const estimates = memoryMiB.map((size) => estimateOf(settings, config, size));
  const total = sumOf(estimates);
  const row = (title: string, [calls, gbSeconds, usd, mostGbSeconds, mostUsd]: Estimate) => [
    title,
    String(calls),
    gbSeconds.toFixed(0),
    usd.toFixed(4),
    mostGbSeconds.toFixed(0),
    mostUsd.toFixed(4),
  ];
  return [
    `${resourceName(config, "function")} in ${config.region}, ${config.architecture}, SnapStart ${config.snapStart ? "on" : "off"}: deployed for this benchmark alone, changed ${setups.length - 1} times, then destroyed`,
    `${memoryMiB.join(", ")} MB × ${engines.join(", ")} × ${tokens.join(", ")} tokens × ${warmSamples} warm and ${coldSamples} cold calls, in ${versions} published versions`,
    ...(settings.isQuick
      ? ["QUICK=1: too few samples to conclude anything from; the report says so"]
      : []),
    "",
    textTable(
      [config.architecture, "calls", "expected GB-s", "USD", "at most GB-s", "USD"],
      [
        ...estimates.map((estimate, at) => row(`${memoryMiB[at]} MB`, estimate)),
        row("together", total),
      ],
    ),
    "",
    `Expected (assumed, not measured): ${assumed.tokensPerSecondPerCpu} tokens a second for each vCPU, ${assumed.warmMs / 1000} s around an answer and ${assumed.coldMs / 1000} s more for a cold start.`,
    `At most: every call takes the function's ${config.timeoutSeconds} s and ${longestStartMs / 1000} s to start. No call is made that could exceed BUDGET_USD=${budgetUsd}.`,
    ...(total[2] > budgetUsd
      ? ["EXPECTED IS MORE THAN THE BUDGET: the run will stop early. Raise it, or measure less."]
      : []),
    `NOT INCLUDED: the image's registry while it exists (about 0.1 USD per GB and month)${config.snapStart ? "; SnapStart's charges for the cached snapshot of each version and for each restore" : ""}.`,
    "",
  ].join("\n");
}

/** @throws UserError when the budget does not cover a single call */
export function requireAffordable(
  { memoryMiB, budgetUsd }: BenchmarkSettings,
  facts: CostFacts,
): void {
  const smallest = Math.min(...memoryMiB);
  const oneUsd = worstCaseUsd(facts, smallest);
  if (oneUsd <= budgetUsd) return;
  throw new UserError(
    `BUDGET_USD=${budgetUsd}: a single call of ${smallest} MB may cost ${oneUsd.toFixed(4)} USD; allow more. Nothing was measured.`,
  );
}

/** A call's cost; `undefined` where AWS reports none. */
interface PaidCall {
  readonly memoryMiB: number;
  readonly costUsd: number | undefined;
}

/** USD that AWS reported, and the most that the calls without a report can have cost. */
export function spendingOf(calls: readonly PaidCall[], facts: CostFacts) {
  const spending = { reportedUsd: 0, assumedUsd: 0 };
  for (const { memoryMiB, costUsd } of calls) {
    spending.reportedUsd += costUsd ?? 0;
    if (costUsd === undefined) spending.assumedUsd += worstCaseUsd(facts, memoryMiB);
  }
  return { ...spending, spentUsd: spending.reportedUsd + spending.assumedUsd };
}
