import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { UserError } from "../../../model/user-error.ts";

const noteSchema = z.object({
  /** Marks what this run makes. */
  runId: z.string().min(1),
  /** Of the run, on this machine. */
  processId: z.int(),
  region: z.string().min(1),
  functionName: z.string().min(1),
  functionArn: z.string().min(1),
  memoryMiB: z.int(),
  description: z.string(),
  variables: z.record(z.string(), z.string()),
});

/** What a function was before a benchmark changed it. */
export type OriginalNote = Readonly<z.infer<typeof noteSchema>>;

/** Where a run of this checkout keeps its note while the function is changed. */
export const benchmarkNotePath = "temp/benchmark-remote.json";

/** Environment variables may be secret. */
const ownerOnly = 0o600;

/**
 * Notes what a function was, whole or not at all, and on the disk before it returns.
 *
 * @throws UserError when there is a note already
 */
export function writeNote(path: string, note: OriginalNote): void {
  const draft = `${path}.${note.runId}`;
  writePrivately(draft, JSON.stringify(note, null, 2));
  try {
    // Unlike a rename, a link does not replace what another run has noted meanwhile.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new UserError(`another benchmark has just begun here: it wrote ${path}`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Writes a file that only its owner can read, and waits until it is on the disk. */
export function writePrivately(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, `${text}\n`, { mode: ownerOnly, flush: true });
}

/**
 * What a run before has noted and not put back; `undefined` when there is nothing.
 *
 * @throws UserError when there is a note that cannot be understood
 */
export function readNote(path: string): OriginalNote | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `${path} tells what a benchmark has changed, and cannot be read any more: compare the function's memory, description and environment with it, put them right, and delete it`,
      { cause: error },
    );
  }
}

/**
 * Stops what deploys: Terraform takes the newest version for the function's, and would let callers
 * have one that a benchmark has published.
 *
 * @throws UserError while a benchmark has changed the function, or when a killed one has left it
 */
export function requireNoBenchmark(path: string): void {
  const note = readNote(path);
  if (note === undefined) return;
  throw new UserError(
    `a benchmark has changed ${note.functionName}, and callers would get what it has made: wait for it, or \`make benchmark-remote\` if it was killed, which puts the function back`,
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
