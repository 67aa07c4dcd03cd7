import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import { usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { textTable } from "../../cli/text-table.ts";
import { casesOf, starts, wantedSamples } from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";

/**
 * What the expected cost assumes. The rate is below the engine's published one for one core of a
 * server (about 15 tokens a second); a cold start is what another project reports of this model on
 * Lambda (12 seconds). Sources: the engine's `src/README.md`, manu-mishra/one-bit-llm-on-lambda
 * (read 2026-11).
 */
const assumed = { tokensPerSecondPerCpu: 10, warmMs: 1500, coldMs: 12_000 } as const;

/** Longest initialization or restore that Lambda allows, in addition to the function's time limit. */
const longestStartMs = 10_000;

/** The settings of the function that its cost depends on. */
export type CostFacts = Pick<StackConfig, "architecture" | "timeoutSeconds">;

/** What some invocations use and cost. */
interface Amount {
  readonly calls: number;
  readonly gbSeconds: number;
  readonly usd: number;
}

/** The invocations of one memory size. */
interface MemoryEstimate {
  readonly memoryMiB: number;
  /** At the assumed speed. */
  readonly expected: Amount;
  /** When every invocation runs into its time limit. */
  readonly most: Amount;
}

/** USD of an invocation that runs into its time limit. */
export function worstCaseUsd(
  { architecture, timeoutSeconds }: CostFacts,
  memoryMiB: number,
): number {
  return usdPerInvocation({ architecture, memoryMiB }, longestStartMs + timeoutSeconds * 1000);
}

/** What all invocations cost, by memory size. */
export function estimateCost(settings: BenchmarkSettings, facts: CostFacts): MemoryEstimate[] {
  return settings.memoryMiB.map((memoryMiB) => {
    const sizing = { ...facts, memoryMiB };
    const rate = assumed.tokensPerSecondPerCpu * cpusOfMemory(memoryMiB);
    const expectedMs = { cold: assumed.warmMs + assumed.coldMs, warm: assumed.warmMs };
    const mostMs = longestStartMs + facts.timeoutSeconds * 1000;
    const amounts = starts
      .flatMap((start) => casesOf({ ...settings, memoryMiB: [memoryMiB] }, start))
      .map(({ start, tokensAsked }) => {
        const calls = wantedSamples(settings, start);
        return {
          expected: amountOf(sizing, calls, expectedMs[start] + (1000 * tokensAsked) / rate),
          most: amountOf(sizing, calls, mostMs),
        };
      });
    return { memoryMiB, ...sumOf(amounts) };
  });
}

function amountOf(sizing: CostFacts & { memoryMiB: number }, calls: number, ms: number): Amount {
  return {
    calls,
    gbSeconds: (calls * (sizing.memoryMiB / 1024) * ms) / 1000,
    usd: calls * usdPerInvocation(sizing, ms),
  };
}

type Estimate = Pick<MemoryEstimate, "expected" | "most">;

function sumOf(estimates: readonly Estimate[]): Estimate {
  const total = (of: (estimate: Estimate) => Amount): Amount => {
    const sum = (name: keyof Amount) =>
      estimates.reduce((result, estimate) => result + of(estimate)[name], 0);
    return { calls: sum("calls"), gbSeconds: sum("gbSeconds"), usd: sum("usd") };
  };
  return { expected: total(({ expected }) => expected), most: total(({ most }) => most) };
}

/** The estimate as a table, and what it assumes. */
export function estimateText(settings: BenchmarkSettings, facts: CostFacts): string {
  const estimates = estimateCost(settings, facts);
  const total = sumOf(estimates);
  const cells = ({ calls, gbSeconds, usd }: Amount) => [
    String(calls),
    gbSeconds.toFixed(0),
    usd.toFixed(4),
  ];
  const row = (title: string, { expected, most }: Estimate) => [
    title,
    ...cells(expected),
    ...cells(most).slice(1),
  ];
  return [
    textTable(
      [facts.architecture, "calls", "expected GB-s", "USD", "at most GB-s", "USD"],
      [
        ...estimates.map((estimate) => row(`${estimate.memoryMiB} MB`, estimate)),
        row("together", total),
      ],
    ),
    "",
    `Expected (assumed, not measured): ${assumed.tokensPerSecondPerCpu} tokens a second for each vCPU, ${assumed.warmMs / 1000} s around an answer and ${assumed.coldMs / 1000} s more for a cold start.`,
    `At most: every call takes the function's ${facts.timeoutSeconds} s and ${longestStartMs / 1000} s to start. No call is made that could exceed BUDGET_USD=${settings.budgetUsd}.`,
    ...(total.expected.usd > settings.budgetUsd
      ? ["EXPECTED IS MORE THAN THE BUDGET: the run will stop early. Raise it, or measure less."]
      : []),
  ].join("\n");
}
