import { accessSync, appendFileSync, constants, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../model/user-error.ts";
import { type BenchmarkReport, benchmarkReport } from "./benchmark-report.ts";
import type { Sample } from "./sample.ts";

const name = "benchmarks-remote";

/**
 * The report in a folder, and the raw samples where they are wanted. The report of a run that is
 * not whole is called `.partial`, and leaves an earlier whole one alone.
 */
export class ReportFiles {
  readonly #folder: string;
  readonly #rawPath: string | undefined;

  /** @throws UserError when the folder cannot be written to */
  constructor(folder: string, isRawKept: boolean) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    } catch (error) {
      throw new UserError(`OUT=${folder}: nothing can be written there`, { cause: error });
    }
    this.#folder = folder;
    this.#rawPath = isRawKept ? join(folder, `${name}.raw.jsonl`) : undefined;
    if (this.#rawPath !== undefined) rmSync(this.#rawPath, { force: true });
  }

  /** Appends a raw sample at once: what was paid for survives a killed process. */
  add({ detail: _, ...sample }: Sample): void {
    if (this.#rawPath !== undefined) appendFileSync(this.#rawPath, `${JSON.stringify(sample)}\n`);
  }

  /** Writes the report if there is a sample; returns its path. */
  finish(report: BenchmarkReport): string | undefined {
    if (report.samples.length === 0) return undefined;
    const partial = join(this.#folder, `${name}.partial.md`);
    const isWhole = report.ending === "whole";
    const path = isWhole ? join(this.#folder, `${name}.md`) : partial;
    writeFileSync(path, benchmarkReport(report));
    if (isWhole) rmSync(partial, { force: true });
    return path;
  }
}
