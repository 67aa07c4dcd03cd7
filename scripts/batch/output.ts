import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../../model/user-error.ts";
import { isAnswer } from "../../runtime/batch/batch-result.ts";
import type { OutputLine } from "./check-file.ts";

/** The files that a run makes, by the path of its output. */
export function outputFiles(out: string) {
  return {
    answers: out,
    errors: `${out}.errors`,
    journal: `${out}.partial`,
    lock: `${out}.lock`,
  } as const;
}

/**
 * Keeps a second run away from an output: two would pay for the same answers. The lock of a process
 * that is gone counts for nothing.
 *
 * @param out the path of the output; the lock is beside it
 * @returns a function that takes the lock away
 * @throws UserError when another run has it, or the folder cannot be written
 */
export function lockOutput(out: string): () => void {
  const { lock: path } = outputFiles(out);
  const pid = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  // In a container that was started anew, this process may have the number of the one before.
  if (pid > 0 && pid !== process.pid && isRunning(pid)) {
    throw new UserError(
      `Process ${pid} is at work on ${out}: wait for it or end it. If it is no make batch, delete ${path}.`,
    );
  }
  try {
    writeFileSync(path, String(process.pid));
  } catch (cause) {
    throw new UserError(`OUT=${out} cannot be written: ${(cause as Error).message}`, { cause });
  }
  return () => rmSync(path, { force: true });
}

/** Whether a process is a run of the command; where there is no /proc, whether there is one at all. */
function isRunning(pid: number): boolean {
  try {
    if (!existsSync("/proc/self/cmdline")) return process.kill(pid, 0);
    // Empty for one that has ended but not been waited for.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("batch");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** @throws UserError when the output of an ended run would be overwritten */
export function requireFree(out: string): void {
  const { answers, errors, journal } = outputFiles(out);
  // A journal is left where a run has not ended, maybe just after it wrote its output.
  if (existsSync(journal)) return;
  const taken = [answers, errors].find((path) => existsSync(path));
  if (taken === undefined) return;
  throw new UserError(`${taken} exists already: delete it, or choose another OUT.`);
}

/** Writes answers and errors, each whole or not at all, and then removes the journal. */
export function writeOutput(out: string, results: readonly OutputLine[]): void {
  const { answers, errors, journal } = outputFiles(out);
  const failed = results.filter((result) => !isAnswer(result));
  if (failed.length > 0) writeWhole(errors, failed);
  else rmSync(errors, { force: true });
  writeWhole(answers, results.filter(isAnswer));
  rmSync(journal);
}

function writeWhole(path: string, results: readonly OutputLine[]): void {
  const half = `${path}.half`;
  writeFileSync(half, results.map((result) => `${JSON.stringify(result)}\n`).join(""), {
    flush: true,
  });
  renameSync(half, path);
}
