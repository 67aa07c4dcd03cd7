import { type LogScan, scanText } from "../log-scan/scan-log.ts";
import type { FaultNote } from "./fault-note.ts";

/**
 * The row for what all these faults have written to the log; none where only some were tried that
 * logged nothing.
 *
 * @param text the scan, as `tests/global-teardown.ts` writes it
 */
export function logScanRows(text: string, isWholeRun: boolean): FaultNote[] {
  const scan: LogScan = JSON.parse(text);
  if (scan.lines === 0 && !isWholeRun) return [];
  const isClean = scan.leaks.length === 0 && scan.lines > 0;
  return [
    {
      group: "the log of all of these",
      fault: "every line, scanned",
      must: "no text of a request or an answer, no key and no absolute path in it",
      outcome: isClean ? "as it must" : "not as it must",
      happened: scanText(scan),
      figures: { lines: String(scan.lines), "texts and keys": String(scan.texts) },
      tookMs: 0,
    },
  ];
}
