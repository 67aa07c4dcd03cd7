import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import type { Sizing } from "../../../stacks/lambda-prices.ts";

/** Tokens per second. */
export interface Speed {
  /** Reading the prompt. */
  readonly prompt: number;
  /** Making the answer. */
  readonly decode: number;
}

/** CPUs, then the {@link Speed} with as many threads. */
type SpeedByCpus = readonly (readonly [cpus: number, prompt: number, decode: number])[];

/**
 * bitnet.cpp's own figures for the 2B model (microsoft/BitNet src/README.md, read 2026-11). Nobody
 * has measured Lambda here; the figures serve to compare sizes, not to predict a bill.
 *
 * x86_64: an EPYC; decoding as its bars are labelled, with a Q6_K embedding; prompts read off a
 * chart by eye. arm64: an Azure Cobalt 100 with the kernels before 2025-11, which our arm64 pin has
 * (its newer ones misread the published model), read off a chart by eye, the embedding not told.
 */
const publishedSpeeds = {
  x86_64: [
    [0, 0, 0],
    [1, 43, 14.8],
    [2, 81, 25.9],
    [4, 158, 43.8],
    [8, 292, 64.1],
  ],
  arm64: [
    [0, 0, 0],
    [1, 13, 5.5],
    [2, 26, 10.3],
    [4, 52, 19.6],
    [8, 103, 35],
  ],
} as const satisfies Record<Sizing["architecture"], SpeedByCpus>;

/** What the published speeds are of, for reports. */
export const publishedSpeedSource =
  "bitnet.cpp's published speeds in proportion to the memory's vCPUs: x86_64 of an EPYC, arm64 of an Azure Cobalt 100 with the older kernels that the arm64 pin has, read off a chart; not measured on Lambda";

/** The speed that a function of this size may be expected to have. */
export function publishedSpeed({ architecture, memoryMiB }: Sizing): Speed {
  return publishedSpeedOfCpus(architecture, cpusOfMemory(memoryMiB));
}

/** The speed with so many CPUs, in proportion between the published ones, up to 8. */
export function publishedSpeedOfCpus(architecture: Sizing["architecture"], cpus: number): Speed {
  const speeds: SpeedByCpus = publishedSpeeds[architecture];
  const within = Math.min(cpus, speeds.at(-1)?.[0] ?? 0);
  const above = Math.max(
    1,
    speeds.findIndex(([known]) => known >= within),
  );
  const [fewer = 0, slowPrompt = 0, slowDecode = 0] = speeds[above - 1] ?? [];
  const [more = 0, fastPrompt = 0, fastDecode = 0] = speeds[above] ?? [];
  const share = (within - fewer) / (more - fewer);
  return {
    prompt: slowPrompt + (fastPrompt - slowPrompt) * share,
    decode: slowDecode + (fastDecode - slowDecode) * share,
  };
}
