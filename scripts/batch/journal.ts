import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { UserError } from "../../model/user-error.ts";
import type { BatchResult } from "../../runtime/batch/batch-result.ts";

/** First line of a journal: what it belongs to. */
interface JournalHead {
  readonly input_sha256: string;
  /** Names the run in the cloud, however often it is continued. */
  readonly run: string;
}

/**
 * The results so far, a line each, in a file beside the output. Each is on the disk before the next
 * item begins, so that nothing is lost or asked twice when the process is killed, whenever that is.
 */
export class Journal {
  /** Names the run in the cloud. */
  readonly run: string;
  readonly #file: number;
  readonly #results: Map<string, BatchResult>;

  /**
   * Opens the journal of a run, or begins one.
   *
   * @param input the file of prompts
   * @throws UserError when the journal is that of another input, or none
   */
  static open(path: string, input: Uint8Array | string): Journal {
    const input_sha256 = createHash("sha256").update(input).digest("hex");
    const [first, ...rest] = existsSync(path) ? wholeLines(path) : [];
    const found = first === undefined ? undefined : headOf(first);
    if (first !== undefined && found?.input_sha256 !== input_sha256) {
      throw new UserError(
        `${path} has answers to another input than this one: restore that input to continue, or delete the file to begin anew.`,
      );
    }
    const head = found ?? { input_sha256, run: randomBytes(8).toString("hex") };
    const results = rest.map((line) => JSON.parse(line) as BatchResult);
    const journal = new Journal(openSync(path, "a"), head.run, results);
    if (first === undefined) journal.#write(head);
    return journal;
  }

  private constructor(file: number, run: string, results: readonly BatchResult[]) {
    this.#file = file;
    this.run = run;
    this.#results = new Map(results.map((result) => [result.custom_id, result]));
  }

  /** Results by `custom_id`. */
  get results(): ReadonlyMap<string, BatchResult> {
    return this.#results;
  }

  add(result: BatchResult): void {
    this.#write(result);
    this.#results.set(result.custom_id, result);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(value: object): void {
    writeSync(this.#file, `${JSON.stringify(value)}\n`);
    fdatasyncSync(this.#file);
  }
}

/** A journal's head; `undefined` for a line of anything else. */
function headOf(line: string): JournalHead | undefined {
  try {
    return JSON.parse(line) as JournalHead;
  } catch {
    return undefined;
  }
}

/** The lines of a journal; half a one at its end is cut off the file. */
function wholeLines(path: string): string[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes.subarray(0, end).toString().split("\n").slice(0, -1);
}
