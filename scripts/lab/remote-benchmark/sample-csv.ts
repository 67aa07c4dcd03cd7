import type { Sample } from "./sample.ts";

/** The columns of the raw data, and where each comes from. */
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

/** Name of a column of the raw data. */
export type SampleColumn = keyof typeof columns;

/** The first line of the raw data. No value holds a comma, a quote or a line break. */
export const csvHead = `${Object.keys(columns).join(",")}\n`;

/** One sample as a line of the raw data; what is not known is empty. */
export function csvLine(sample: Sample): string {
  const values = Object.values(columns).map((read) => read(sample) ?? "");
  return `${values.join(",")}\n`;
}
