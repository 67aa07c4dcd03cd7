import type { BenchmarkSettings } from "./benchmark-settings.ts";

/** Starts of an invocation: in a new environment, or in one that has answered before. */
export const starts = ["cold", "warm"] as const;
export type Start = (typeof starts)[number];

/** What the function is set to while it is measured. */
export interface Setup {
  readonly memoryMiB: number;
  readonly engine: BenchmarkSettings["engines"][number];
}

/** `3008 MB llama-cli` */
export function setupName({ memoryMiB, engine }: Setup): string {
  return `${memoryMiB} MB ${engine}`;
}

/** What is measured: a row of the report. */
export interface Case extends Setup {
  readonly start: Start;
  readonly tokensAsked: number;
}

/** One published version: its first invocation is cold, those behind it are warm. */
export interface Visit extends Setup {
  readonly coldTokens: number;
  readonly warmTokens: readonly number[];
}

type Samples = Pick<
  BenchmarkSettings,
  "memoryMiB" | "engines" | "tokens" | "warmSamples" | "coldSamples"
>;

/**
 * All visits in order. Each cold start has a version of its own, one after the other: parallel first
 * calls would make as many environments of one version, but they would share its first loading of the
 * image, and take the callers' share of the ten concurrent executions that a new account has.
 *
 * Every round goes once through all setups, so that what changes on AWS in the meantime changes it
 * for all of them, and a run that stops early has something of each. Warm samples are spread over
 * all versions of a setup, so that no figure rests on one machine.
 */
export function benchmarkVisits(samples: Samples): Visit[] {
  const { tokens, coldSamples } = samples;
  const rounds = tokens.length * coldSamples;
  return Array.from({ length: rounds }, (_, round) => {
    const coldTokens = tokens[round % tokens.length] ?? 0;
    const warmTokens = warmTokensOf(samples, round, rounds);
    return setupsOf(samples).map((setup) => ({ ...setup, coldTokens, warmTokens }));
  }).flat();
}

/** All setups, in the order of the settings. */
export function setupsOf({ memoryMiB, engines }: Pick<Samples, "memoryMiB" | "engines">): Setup[] {
  return memoryMiB.flatMap((memory) => engines.map((engine) => ({ memoryMiB: memory, engine })));
}

/** All cases, in the order of the report's rows. */
export function casesOf(samples: Samples, start: Start): Case[] {
  const setups = setupsOf({ ...samples, memoryMiB: samples.memoryMiB.toReversed() });
  return samples.tokens.flatMap((tokensAsked) =>
    setups.map((setup) => ({ ...setup, start, tokensAsked })),
  );
}

/** Samples wanted of a case. */
export function wantedSamples({ coldSamples, warmSamples }: Samples, start: Start): number {
  return start === "cold" ? coldSamples : warmSamples;
}

/** Calls of the whole plan, without the spare ones. */
export function plannedCalls(samples: Samples): number {
  return starts
    .map((start) => casesOf(samples, start).length * wantedSamples(samples, start))
    .reduce((sum, calls) => sum + calls, 0);
}

/** How often a sample of a case is asked for again after one that failed: one in ten, at least one. */
export function spareSamples(wanted: number): number {
  return Math.ceil(wanted / 10);
}

/** The round's share of the warm samples, the numbers of tokens in turn. */
function warmTokensOf({ tokens, warmSamples }: Samples, round: number, rounds: number): number[] {
  const before = (count: number) => Math.floor((count * warmSamples) / rounds);
  const share = before(round + 1) - before(round);
  return Array.from({ length: share }, () => tokens).flat();
}
