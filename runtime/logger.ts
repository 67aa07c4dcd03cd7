/** Values a log line may hold: counts, times and names; never text of a prompt or an answer. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[] | MetricDirective>
>;

/** Tells CloudWatch which fields of a line are metrics (`metrics.ts`). */
export interface MetricDirective {
  /** Milliseconds since 1970. */
  readonly Timestamp: number;
  readonly CloudWatchMetrics: readonly object[];
}

/** Levels, the most verbose first. */
export const logLevels = ["info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes one JSON line for each event. */
export type Log = (level: LogLevel, event: string, fields: LogFields) => void;

/** Dependencies of a log. */
export interface LogDependencies {
  readonly writeLine: (line: string) => void;
  /** Events below this level are left out. */
  readonly level: LogLevel;
  readonly now: () => Date;
}

/** A log on top of a function that writes one line; field names as Lambda's JSON logs have. */
export function createLog({ writeLine, level: lowest, now }: LogDependencies): Log {
  return (level, event, fields) => {
    if (logLevels.indexOf(level) < logLevels.indexOf(lowest)) return;
    writeLine(JSON.stringify({ timestamp: now().toISOString(), level, event, ...fields }));
  };
}

/**
 * Writes one line of the log to standard error. If nobody reads it, or the disk is full, the line is lost.
 */
export function writeLogLine(line: string): void {
  const { stderr } = process;
  if (!stderr.listeners("error").includes(ignoreLoss)) stderr.on("error", ignoreLoss);
  stderr.write(`${line}\n`);
}

function ignoreLoss(): void {
  // There is nowhere left to report it.
}
