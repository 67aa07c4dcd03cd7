import { rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { readLogNotes } from "../scripts/lab/log-scan/log-note.ts";
import { logNotesVariable, logScanVariable } from "../scripts/lab/log-scan/log-variables.ts";
import { scanLog, scanText } from "../scripts/lab/log-scan/scan-log.ts";

/** The part used here of what jest tells. */
interface Run {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
  readonly testNamePattern?: string;
}

/** The part used here of what jest tells of the tests there are. */
interface Project {
  readonly testMatch: readonly string[];
}

/** `make test`'s; what other commands run may well log nothing. */
const testsMatch = /\*\.test\.ts$/;

/**
 * Scans every line that the run has logged, in whatever process. The run fails when one holds what
 * it may not, or when a run of all tests has logged nothing, since then nothing was scanned.
 */
async function globalTeardown(
  { testPathPatterns, testNamePattern }: Run,
  { testMatch }: Project,
): Promise<void> {
  const folder = process.env[logNotesVariable] ?? "";
  const places = [join(import.meta.dirname, ".."), tmpdir(), homedir()];
  const scan = scanLog(readLogNotes(folder), places);
  rmSync(folder, { recursive: true, force: true });
  const isWhole =
    testPathPatterns.patterns.length === 0 &&
    !testNamePattern &&
    testMatch.some((pattern) => testsMatch.test(pattern));
  const isFine = scan.leaks.length === 0 && (scan.lines > 0 || !isWhole);
  // `make test-faults` has a table for it.
  const scanPath = process.env[logScanVariable];
  if (scanPath !== undefined) return writeFileSync(scanPath, JSON.stringify(scan));
  if (!isFine) throw new Error(scanText(scan));
  process.stderr.write(`${scanText(scan)}\n`);
}

export default globalTeardown;
