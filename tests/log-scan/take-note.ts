import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { LogNote } from "../../scripts/lab/log-scan/log-note.ts";
import { logNotesVariable } from "../../scripts/lab/log-scan/log-variables.ts";

/** Characters of a text that are noted: its beginning and its end. */
const halfLength = 2000;

/** Noted already, by this process. */
const known = new Set<string>();

/** Notes something for the scan at the end of the run; each text once. */
export function takeNote({ kind, text, test }: LogNote): void {
  const folder = process.env[logNotesVariable];
  const told = text.length <= 2 * halfLength ? text : bothEnds(text);
  if (folder === undefined || (kind !== "line" && known.has(told))) return;
  if (kind !== "line") known.add(told);
  try {
    const note = { kind, text: told.toWellFormed(), test } satisfies LogNote;
    appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(note)}\n`);
  } catch {
    // A test has taken away the descriptors or the disk: what it tests is not this.
  }
}

/** Of a line this may not be JSON any more, and is then passed over: no line is so long. */
function bothEnds(text: string): string {
  return `${text.slice(0, halfLength)}\n${text.slice(-halfLength)}`;
}
