import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import { usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import { textTable } from "../../cli/text-table.ts";
import { casesOf, spareSamples, starts, wantedSamples } from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";
import type { FunctionState } from "./function-state.ts";

/**
 * What the expected cost rests on, until it is measured. The rate is below what the engine is
 * published to reach on one core of a server (about 15 tokens a second); a cold start is what
 * another project reports of this model on Lambda (12 seconds). Sources: the engine's
 * `src/README.md`, manu-mishra/one-bit-llm-on-lambda (read 2026-11).
 */
export const assumed = { tokensPerSecondPerCpu: 10, warmMs: 1500, coldMs: 12_000 } as const;

/** Most that Lambda lets an initialization or a restore take, ahead of the function's own time. */
const longestStartMs = 10_000;

/** Of the function, what its cost depends on. */
export type CostFacts = Pick<FunctionState, "architecture" | "timeoutSeconds">;

/** What some invocations use and cost. */
export interface Amount {
  readonly invocations: number;
  readonly gbSeconds: number;
  readonly usd: number;
}

/** The invocations of one memory size. */
export interface MemoryEstimate {
  readonly memoryMiB: number;
  /** If all goes well, at the assumed speed. */
  readonly expected: Amount;
  /** If every invocation takes all its time, and every spare one is needed. */
  readonly most: Amount;
}

/** USD of an invocation that takes all the time it can. */
export function worstCaseUsd(facts: CostFacts, memoryMiB: number): number {
  const { architecture, timeoutSeconds } = facts;
  return usdPerInvocation({ architecture, memoryMiB }, longestStartMs + timeoutSeconds * 1000);
}

/** What the whole plan costs, by memory size. */
export function estimateCost(settings: BenchmarkSettings, facts: CostFacts): MemoryEstimate[] {
  return settings.memoryMiB.map((memoryMiB) => {
    const ofMemory = starts
      .flatMap((start) => casesOf({ ...settings, memoryMiB: [memoryMiB] }, start))
      .map(({ start, tokensAsked }) => {
        const wanted = wantedSamples(settings, start);
        const decodeMs =
          (1000 * tokensAsked) / (assumed.tokensPerSecondPerCpu * cpusOfMemory(memoryMiB));
        const expectedMs = assumed.warmMs + decodeMs + (start === "cold" ? assumed.coldMs : 0);
        const mostMs = longestStartMs + facts.timeoutSeconds * 1000;
        const sizing = { ...facts, memoryMiB };
        return {
          expected: amountOf(sizing, wanted, expectedMs),
          most: amountOf(sizing, wanted + spareSamples(wanted), mostMs),
        };
      });
    return {
      memoryMiB,
      expected: sumOf(ofMemory.map(({ expected }) => expected)),
      most: sumOf(ofMemory.map(({ most }) => most)),
    };
  });
}

function amountOf(
  sizing: CostFacts & { readonly memoryMiB: number },
  invocations: number,
  ms: number,
): Amount {
  return {
    invocations,
    gbSeconds: (invocations * (sizing.memoryMiB / 1024) * ms) / 1000,
    usd: invocations * usdPerInvocation(sizing, ms),
  };
}

/** Amounts together. */
export function sumOf(amounts: readonly Amount[]): Amount {
  const sum = (name: keyof Amount) => amounts.reduce((total, amount) => total + amount[name], 0);
  return { invocations: sum("invocations"), gbSeconds: sum("gbSeconds"), usd: sum("usd") };
}

/** The estimate for people: a table, and what it rests on. */
export function estimateText(settings: BenchmarkSettings, facts: CostFacts): string {
  const estimates = estimateCost(settings, facts);
  const all = {
    expected: sumOf(estimates.map(({ expected }) => expected)),
    most: sumOf(estimates.map(({ most }) => most)),
  };
  const row = (title: string, { expected, most }: Pick<MemoryEstimate, "expected" | "most">) => [
    title,
    String(expected.invocations),
    expected.gbSeconds.toFixed(0),
    expected.usd.toFixed(4),
    String(most.invocations),
    most.gbSeconds.toFixed(0),
    most.usd.toFixed(4),
  ];
  return [
    textTable(
      [facts.architecture, "expected calls", "GB-s", "USD", "at most calls", "GB-s", "USD"],
      [
        ...estimates.map((estimate) => row(`${estimate.memoryMiB} MB`, estimate)),
        row("together", all),
      ],
    ),
    "",
    `Expected: ${assumed.tokensPerSecondPerCpu} tokens a second for each vCPU, ${assumed.warmMs / 1000} s around an answer and ${assumed.coldMs / 1000} s more for a cold start. That is assumed, not measured.`,
    `At most: every call takes the function's ${facts.timeoutSeconds} s and ${longestStartMs / 1000} s to start, and every spare call is needed; but it stops before a call that could pass BUDGET_USD=${settings.budgetUsd}.`,
    ...(all.expected.usd > settings.budgetUsd
      ? ["EXPECTED IS MORE THAN THE BUDGET: it will stop early. Raise it, or measure less."]
      : []),
  ].join("\n");
}
