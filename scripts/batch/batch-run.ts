import { readFileSync } from "node:fs";
import { UserError } from "../../model/user-error.ts";
import type { BatchResult } from "../../runtime/batch/batch-result.ts";
import { counted } from "../cli/counted.ts";
import { Progress } from "../cli/progress.ts";
import {
  badLineOutput,
  type CheckContext,
  type CheckedFile,
  type CheckedItem,
  checkFile,
  fileProblems,
  type OutputLine,
} from "./check-file.ts";
import { Journal } from "./journal.ts";
import { lockOutput, outputFiles, requireFree, writeOutput } from "./output.ts";

/** A run of `make batch`. */
export interface BatchRun {
  /** The file of prompts, and that of answers. */
  readonly input: string;
  readonly out: string;
  /** Bad lines become errors of the output, instead of stopping the run before it begins. */
  readonly skipsInvalid: boolean;
  readonly context: CheckContext;
  /** Takes out lines that cannot be answered where this run answers. */
  readonly fit?: (file: CheckedFile) => CheckedFile;
  readonly signal: AbortSignal;
}

/** Answers items, and reports each result as soon as it is there. */
export type Answering = (
  items: readonly CheckedItem[],
  onResult: (result: BatchResult) => void,
  runId: string,
) => Promise<void>;

/** What a run came to: a result for every line, in the order of the lines. */
export interface BatchReport {
  readonly results: readonly OutputLine[];
  /** Lines that an earlier run had answered. */
  readonly resumed: number;
  readonly seconds: number;
}

/**
 * Checks a file, answers what has no answer yet, and writes the output. What is answered is kept when
 * it is stopped, whenever that is: the same run again goes on from there.
 *
 * @throws UserError for a bad file, and when it is stopped
 */
export async function runBatchFile(run: BatchRun, answering: Answering): Promise<BatchReport> {
  const unlock = lockOutput(run.out);
  try {
    return await runLocked(run, answering);
  } finally {
    unlock();
  }
}

async function runLocked(run: BatchRun, answering: Answering): Promise<BatchReport> {
  const { input, out, signal } = run;
  requireFree(out);
  const file = readInput(input);
  const checked = checkFile(file, run.context);
  const { items, badLines } = run.fit?.(checked) ?? checked;
  if (badLines.length > 0 && !run.skipsInvalid) {
    throw new UserError(
      `${input} has bad lines, and nothing was asked:\n${fileProblems(badLines)}\nCorrect them, or leave them out with SKIP_INVALID=1: they are then errors of the output.`,
    );
  }
  if (items.length + badLines.length === 0) throw new UserError(`${input} has no lines.`);
  const startedAt = performance.now();
  const journal = Journal.open(outputFiles(out).journal, file);
  const resumed = journal.results.size;
  try {
    const left = items.filter(({ custom_id }) => !journal.results.has(custom_id));
    const progress = new Progress(items.length, "lines");
    progress.update(items.length - left.length);
    const onResult = (result: BatchResult) => {
      journal.add(result);
      progress.update(journal.results.size);
    };
    await answering(left, onResult, journal.run);
    progress.end();
    signal.throwIfAborted();
    const lines: { line: number; result: OutputLine | undefined }[] = [
      ...items.map(({ line, custom_id }) => ({ line, result: journal.results.get(custom_id) })),
      ...badLines.map((bad) => ({ line: bad.line, result: badLineOutput(bad) })),
    ].sort((one, other) => one.line - other.line);
    const results = lines.flatMap(({ result }) => result ?? []);
    if (results.length < lines.length) {
      throw new UserError(
        `No answer yet for ${counted(lines.length - results.length, "line")}. The others are kept: run this again to continue.`,
      );
    }
    writeOutput(out, results);
    return { results, resumed, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    journal.close();
  }
}

function readInput(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UserError(`IN=${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
