import * as z from "zod";

/** The variable that names the file which faults are noted in, a line of JSON each. */
export const faultNotesVariable = "FAULT_NOTES";

const faultNoteSchema = z.object({
  /** What the fault belongs to: a heading of the report. */
  group: z.string(),
  /** What is done to the program. */
  fault: z.string(),
  /** What the program must make of it. */
  must: z.string(),
  /** What it made of it; of a fault that failed, why. */
  happened: z.string(),
  /** What was measured, each under its name. */
  figures: z.record(z.string(), z.string()),
  outcome: z.enum(["as it must", "known limit", "not as it must", "not run here"]),
  /** From the first step to the last check, in milliseconds. */
  tookMs: z.number(),
});

/** One fault that was tried, or could not be: a row of the report. */
export type FaultNote = z.output<typeof faultNoteSchema>;

/** The notes in a file's text so far; a line that is still being written is left out. */
export function readFaultNotes(text: string): FaultNote[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => faultNoteSchema.parse(JSON.parse(line)));
}
