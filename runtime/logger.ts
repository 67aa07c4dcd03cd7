import { cutPaths } from "./absolute-paths.ts";

/** Values a log line may hold: counts, times and names; never text of a prompt or an answer. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Levels, the most talkative first. */
export const logLevels = ["info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes one JSON line for each event. */
export type Log = (level: LogLevel, event: string, fields: LogFields) => void;

/** What a logger stands on. */
export interface LogParts {
  readonly writeLine: (line: string) => void;
  /** Events below this level are left out. */
  readonly level: LogLevel;
  readonly now: () => Date;
}

/**
 * A logger on top of a function that writes one line; field names as Lambda's JSON logs have. Of
 * absolute paths, in whatever field, the last part is written: where things are is nobody's business.
 */
export function createLog({ writeLine, level: lowest, now }: LogParts): Log {
  return (level, event, fields) => {
    if (logLevels.indexOf(level) < logLevels.indexOf(lowest)) return;
    const line = { timestamp: now().toISOString(), level, event, ...withoutPaths(fields) };
    writeLine(JSON.stringify(line));
  };
}

function withoutPaths(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" ? cutPaths(value) : value,
    ]),
  );
}
