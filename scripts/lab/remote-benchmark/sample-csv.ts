import type { Sample } from "./sample.ts";

/** The columns of the raw samples. No value contains a comma, a quote or a line break. */
const columns = {
  architecture: ({ architecture }) => architecture,
  memory_mb: ({ memoryMiB }) => memoryMiB,
  engine: ({ engine }) => engine,
  start: ({ start }) => start,
  tokens_asked: ({ tokensAsked }) => tokensAsked,
  tokens_made: ({ tokensMade }) => tokensMade,
  init_ms: ({ initMs }) => initMs,
  restore_ms: ({ restoreMs }) => restoreMs,
  duration_ms: ({ durationMs }) => durationMs,
  billed_ms: ({ billedMs }) => billedMs,
  memory_used_mb: ({ memoryUsedMiB }) => memoryUsedMiB,
  total_ms: ({ totalMs }) => totalMs,
  first_token_ms: ({ firstTokenMs }) => firstTokenMs,
  tokens_per_second: ({ tokensPerSecond }) => tokensPerSecond,
  cost_usd: ({ costUsd }) => costUsd?.toFixed(10),
  error: ({ error }) => error,
  version: ({ version }) => version,
  call: ({ call }) => call,
} as const satisfies Record<string, (sample: Sample) => string | number | undefined>;

/** Name of a column of the raw samples. */
export type SampleColumn = keyof typeof columns;

/** The first line of the raw samples. */
export const csvHead = `${Object.keys(columns).join(",")}\n`;

/** One sample as a line; unknown values are empty. */
export function csvLine(sample: Sample): string {
  const values = Object.values(columns).map((read) => read(sample) ?? "");
  return `${values.join(",")}\n`;
}
