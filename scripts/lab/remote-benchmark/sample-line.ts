import { setupName } from "./benchmark-plan.ts";
import type { Sample } from "./sample.ts";

/** How far a run is. */
export interface RunProgress {
  readonly done: number;
  readonly planned: number;
  readonly spentUsd: number;
}

/** One call as a line for the terminal. */
export function sampleLine(sample: Sample, { done, planned, spentUsd }: RunProgress): string {
  const place = `[${String(done).padStart(String(planned).length)}/${planned}]`;
  const what = `${setupName(sample)} ${sample.start} ${sample.tokensAsked} tokens`;
  return `${place} ${what}: ${resultOf(sample)}; ${spentUsd.toFixed(4)} USD so far`;
}

function resultOf({
  error,
  detail,
  billedMs,
  tokensMade,
  tokensPerSecond,
  initMs,
  restoreMs,
}: Sample) {
  if (error !== undefined) return `${error.toUpperCase()} ${detail}`.trim();
  return [
    `${billedMs} ms billed`,
    ...(initMs === undefined ? [] : [`${initMs.toFixed(0)} ms init`]),
    ...(restoreMs === undefined ? [] : [`${restoreMs.toFixed(0)} ms restore`]),
    `${tokensMade} tokens`,
    ...(tokensPerSecond === undefined ? [] : [`${tokensPerSecond.toFixed(1)}/s`]),
  ].join(", ");
}
