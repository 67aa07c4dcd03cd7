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

/** Where a report goes. */
export interface ReportFiles {
  /** Adds a sample to the raw data at once: what was paid for outlives a killed process. */
  add(sample: Sample): void;
  /** Writes the report, if there is a sample; the paths of what was written. */
  finish(report: Omit<BenchmarkReport, "csvName">): readonly string[];
}

const name = "benchmarks-remote";

/**
 * Files of a report in a folder. A run that is not whole leaves a whole report before it alone and
 * is called `.partial`.
 *
 * @throws UserError when nothing can be written there
 */
export function openReportFiles(folder: string): ReportFiles {
  requireWritable(folder);
  const partialCsv = join(folder, `${name}.partial.csv`);
  const partialReport = join(folder, `${name}.partial.md`);
  let isBegun = false;
  return {
    add(sample) {
      if (!isBegun) {
        writeFileSync(partialCsv, csvHead);
        rmSync(partialReport, { force: true });
      }
      isBegun = true;
      appendFileSync(partialCsv, csvLine(sample));
    },
    finish(report) {
      if (!isBegun) return [];
      const isWhole = report.ending === "whole";
      const base = isWhole ? name : `${name}.partial`;
      const [path, csvPath] = [join(folder, `${base}.md`), join(folder, `${base}.csv`)];
      writeFileSync(path, benchmarkReport({ ...report, csvName: `${base}.csv` }));
      if (isWhole) renameSync(partialCsv, csvPath);
      return [path, csvPath];
    },
  };
}

function requireWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError(`OUT=${folder}: nothing can be written there`, { cause: error });
  }
}
