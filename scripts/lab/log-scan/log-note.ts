import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const logNoteSchema = z.object({
  /** A line of the log; a text of a request or an answer; a key. */
  kind: z.enum(["line", "text", "key"]),
  text: z.string(),
  /** File and title of the test that brought it about. */
  test: z.string(),
});

/** One thing noted. */
export type LogNote = z.output<typeof logNoteSchema>;

/** All that was noted; a line that a killed process left half written is left out. */
export function readLogNotes(folder: string): LogNote[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .flatMap((line) => parseNote(line) ?? []);
}

function parseNote(line: string): LogNote | undefined {
  try {
    return logNoteSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
