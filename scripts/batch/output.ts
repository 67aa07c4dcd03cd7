import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../../model/user-error.ts";
import { isAnswer } from "../../runtime/batch/batch-result.ts";
import type { OutputLine } from "./check-file.ts";

/** The files that a run makes, by the path of its output. */
export function outputFiles(out: string) {
  return { answers: out, errors: `${out}.errors`, journal: `${out}.partial` } as const;
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
