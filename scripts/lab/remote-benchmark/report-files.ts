import {
  accessSync,
  appendFileSync,
  constants,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../model/user-error.ts";
import { type BenchmarkReport, benchmarkReport } from "./benchmark-report.ts";
import type { Sample } from "./sample.ts";
import { csvHead, csvLine } from "./sample-csv.ts";

const name = "benchmarks-remote";

/**
 * The report and its raw samples in a folder. A run that is not whole is called `.partial` and
 * leaves an earlier whole report alone.
 */
export class ReportFiles {
  readonly #folder: string;
  #isBegun = false;

  /** @throws UserError when the folder cannot be written to */
  constructor(folder: string) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    } catch (error) {
      throw new UserError(`OUT=${folder}: nothing can be written there`, { cause: error });
    }
    this.#folder = folder;
  }

  /** Appends a sample to the raw samples at once: what was paid for survives a killed process. */
  add(sample: Sample): void {
    const path = this.#path(".partial.csv");
    if (!this.#isBegun) {
      writeFileSync(path, csvHead);
      rmSync(this.#path(".partial.md"), { force: true });
    }
    this.#isBegun = true;
    appendFileSync(path, csvLine(sample));
  }

  /** Writes the report if there is a sample; returns the paths of what was written. */
  finish(report: Omit<BenchmarkReport, "csvName">): readonly string[] {
    if (!this.#isBegun) return [];
    const kind = report.ending === "whole" ? "" : ".partial";
    const [path, csvPath] = [this.#path(`${kind}.md`), this.#path(`${kind}.csv`)];
    writeFileSync(path, benchmarkReport({ ...report, csvName: `${name}${kind}.csv` }));
    if (kind === "") renameSync(this.#path(".partial.csv"), csvPath);
    return [path, csvPath];
  }

  #path(ending: string): string {
    return join(this.#folder, `${name}${ending}`);
  }
}
