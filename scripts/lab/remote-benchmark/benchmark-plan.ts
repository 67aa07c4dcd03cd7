import type { BenchmarkSettings } from "./benchmark-settings.ts";

/** Kinds of invocation: in a new execution environment, or in one that has answered before. */
export const starts = ["cold", "warm"] as const;
export type Start = (typeof starts)[number];

/** What one deployment of the environment is configured with. */
export interface Setup {
  readonly memoryMiB: number;
  readonly engine: BenchmarkSettings["engines"][number];
}

/** What is measured: a row of the report. */
export interface Case extends Setup {
  readonly start: Start;
  readonly tokensAsked: number;
}

/** `3008 MB llama-cli` */
export function setupName({ memoryMiB, engine }: Setup): string {
  return `${memoryMiB} MB ${engine}`;
}

type Samples = Pick<
  BenchmarkSettings,
  "memoryMiB" | "engines" | "tokens" | "warmSamples" | "coldSamples"
>;

/** All setups, in the order in which they are deployed. */
export function setupsOf({ memoryMiB, engines }: Samples): Setup[] {
  return memoryMiB.flatMap((memory) => engines.map((engine) => ({ memoryMiB: memory, engine })));
}

/**
 * The calls of a setup, a list for each version to publish: the first call is cold, the others are
 * warm. Warm calls are spread over all versions, so that no figure depends on one machine.
 */
export function versionsOf(samples: Samples, setup: Setup): Case[][] {
  const { tokens, coldSamples, warmSamples } = samples;
  const count = tokens.length * coldSamples;
  const warmBefore = (version: number) => Math.floor((version * warmSamples) / count);
  return Array.from({ length: count }, (_, index) => {
    const warmCount = warmBefore(index + 1) - warmBefore(index);
    const warmTokens = Array.from({ length: warmCount }, () => tokens).flat();
    return [
      { ...setup, start: "cold", tokensAsked: tokens[index % tokens.length] ?? 0 },
      ...warmTokens.map((tokensAsked): Case => ({ ...setup, start: "warm", tokensAsked })),
    ];
  });
}

/** All cases of one start, in the order of the report's rows. */
export function casesOf(samples: Samples, start: Start): Case[] {
  const setups = setupsOf({ ...samples, memoryMiB: samples.memoryMiB.toReversed() });
  return samples.tokens.flatMap((tokensAsked) =>
    setups.map((setup) => ({ ...setup, start, tokensAsked })),
  );
}

/** The same prompt each time, with much to say, so that few answers end early. */
const prompt =
  "User: Explain in detail, step by step, how a bicycle is built and what each of its parts is for.\n\nAssistant:";

/** The request for a number of tokens: greedy, without a stop text. */
export function benchmarkRequest(tokens: number) {
  return { prompt, n_predict: tokens, temperature: 0 };
}
