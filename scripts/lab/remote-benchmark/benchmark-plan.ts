import type { BenchmarkSettings } from "./benchmark-settings.ts";

/** Kinds of invocation: in a new execution environment, or in one that has answered before. */
export const starts = ["cold", "warm"] as const;
export type Start = (typeof starts)[number];

/** What one deployment of the environment is configured with. */
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

type Samples = Pick<
  BenchmarkSettings,
  "memoryMiB" | "engines" | "tokens" | "warmSamples" | "coldSamples"
>;

/** All setups, in the order in which they are deployed. */
export function setupsOf({ memoryMiB, engines }: Pick<Samples, "memoryMiB" | "engines">): Setup[] {
  return memoryMiB.flatMap((memory) => engines.map((engine) => ({ memoryMiB: memory, engine })));
}

/**
 * The calls of a setup, a list for each version to publish: the first call is cold, the others are
 * warm. Warm calls are spread over all versions, so that no figure depends on one machine.
 */
export function versionsOf(samples: Samples, setup: Setup): Case[][] {
  const { tokens, coldSamples } = samples;
  const count = tokens.length * coldSamples;
  return Array.from({ length: count }, (_, index) => [
    { ...setup, start: "cold", tokensAsked: tokens[index % tokens.length] ?? 0 },
    ...warmTokensOf(samples, index, count).map(
      (tokensAsked): Case => ({ ...setup, start: "warm", tokensAsked }),
    ),
  ]);
}

/** One version's share of the warm samples, the numbers of tokens in turn. */
function warmTokensOf({ tokens, warmSamples }: Samples, index: number, count: number): number[] {
  const before = (versions: number) => Math.floor((versions * warmSamples) / count);
  const share = before(index + 1) - before(index);
  return Array.from({ length: share }, () => tokens).flat();
}

/** All cases of one start, in the order of the report's rows. */
export function casesOf(samples: Samples, start: Start): Case[] {
  const setups = setupsOf({ ...samples, memoryMiB: samples.memoryMiB.toReversed() });
  return samples.tokens.flatMap((tokensAsked) =>
    setups.map((setup) => ({ ...setup, start, tokensAsked })),
  );
}

/** Number of samples to take of each case. */
export function wantedSamples({ coldSamples, warmSamples }: Samples, start: Start): number {
  return start === "cold" ? coldSamples : warmSamples;
}

/** Number of calls of the whole plan. */
export function plannedCalls(samples: Samples): number {
  return setupsOf(samples).flatMap((setup) => versionsOf(samples, setup).flat()).length;
}

/** The same prompt each time, with much to say, so that few answers end early. */
const prompt =
  "User: Explain in detail, step by step, how a bicycle is built and what each of its parts is for.\n\nAssistant:";

/** The request for a number of tokens: greedy, without a stop text. */
export function benchmarkRequest(tokens: number) {
  return { prompt, n_predict: tokens, temperature: 0 };
}
