/** Lambda's report at the end of an invocation; times in milliseconds. */
export interface InvocationReport {
  readonly durationMs: number;
  /** Charged time, including initialization or the restore's billed part. */
  readonly billedMs: number;
  readonly memoryMiB: number | undefined;
  readonly memoryUsedMiB: number | undefined;
  /** Only for a new environment. */
  readonly initMs: number | undefined;
  /** Only for an environment restored from a SnapStart snapshot. */
  readonly restoreMs: number | undefined;
  readonly billedRestoreMs: number | undefined;
}

/**
 * The names of each figure, in the JSON and in the text format of Lambda's log.
 * Sources (read 2026-11): docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html,
 * docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html.
 */
const names = {
  durationMs: ["durationMs", "Duration"],
  billedMs: ["billedDurationMs", "Billed Duration"],
  memoryMiB: ["memorySizeMB", "Memory Size"],
  memoryUsedMiB: ["maxMemoryUsedMB", "Max Memory Used"],
  initMs: ["initDurationMs", "Init Duration"],
  restoreMs: ["restoreDurationMs", "Restore Duration"],
  billedRestoreMs: ["billedRestoreDurationMs", "Billed Restore Duration"],
} as const satisfies Record<keyof InvocationReport, readonly [string, string]>;

/** Longest first, because one name is the end of another. */
const textFigure = new RegExp(
  `(${Object.values(names)
    .map(([, inText]) => inText)
    .toSorted((a, b) => b.length - a.length)
    .join("|")}): ([\\d.]+)`,
  "g",
);

/** The report in the last lines of an invocation's log, or `undefined`. */
export function parseInvocationReport(logTail: string): InvocationReport | undefined {
  const reports = logTail.split("\n").map((line) => jsonFigures(line) ?? textFigures(line));
  const figures = reports.findLast((report) => report !== undefined);
  if (figures === undefined) return undefined;
  const found = Object.entries(names).map(([name, [inJson, inText]]) => {
    const value = figures[inJson] ?? figures[inText];
    return [name, Number.isFinite(value) ? value : undefined] as const;
  });
  const report = Object.fromEntries(found) as unknown as InvocationReport;
  return report.durationMs === undefined || report.billedMs === undefined ? undefined : report;
}

type Figures = Readonly<Record<string, number | undefined>>;

/** `{"type":"platform.report","record":{"metrics":{…}}}` */
function jsonFigures(line: string): Figures | undefined {
  if (!line.includes("platform.report")) return undefined;
  try {
    const { type, record } = JSON.parse(line);
    return type === "platform.report" ? record?.metrics : undefined;
  } catch {
    // The tail holds the last 4 KB: its first line may be the end of a longer one.
    return undefined;
  }
}

/** `REPORT RequestId: …	Duration: 800.1 ms	Billed Duration: 801 ms	…` */
function textFigures(line: string): Figures | undefined {
  if (!line.startsWith("REPORT RequestId:")) return undefined;
  const found = [...line.matchAll(textFigure)];
  return Object.fromEntries(found.map(([, name = "", value]) => [name, Number(value)]));
}
