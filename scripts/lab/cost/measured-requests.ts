import { architectures } from "../../../model/architecture.ts";
import { UserError } from "../../../model/user-error.ts";
import { engineNames } from "../../../runtime/config.ts";
import type { Sizing } from "../../../stacks/lambda-prices.ts";
import type { SampleColumn } from "../remote-benchmark/sample-csv.ts";
import type { EngineName } from "./cost-point.ts";
import { type CsvRow, type CsvTable, parseCsv } from "./csv-table.ts";

/** A request of `make benchmark-remote` that was answered. */
export interface MeasuredRequest extends Sizing {
  readonly engine: EngineName;
  readonly isCold: boolean;
  /** Whether the cold start was one from a SnapStart snapshot. */
  readonly isRestored: boolean;
  readonly tokensMade: number;
  readonly billedMs: number;
  readonly tokensPerSecond: number;
}

/** What a CSV of `make benchmark-remote` holds. */
export interface MeasuredRequests {
  readonly requests: readonly MeasuredRequest[];
  /** Rows that cannot be counted with: failed, or without a token. */
  readonly leftOut: number;
}

/** A CSV file. */
export interface MeasuredFile {
  readonly text: string;
  /** For messages. */
  readonly path: string;
}

/** What is needed of a row. */
const neededColumns = [
  "architecture",
  "memory_mb",
  "engine",
  "start",
  "tokens_made",
  "restore_ms",
  "billed_ms",
  "tokens_per_second",
  "error",
] as const satisfies readonly SampleColumn[];

type NeededColumn = (typeof neededColumns)[number];

/**
 * The requests in a CSV of `make benchmark-remote`; its columns may stand in any order and among
 * others.
 *
 * @throws UserError that lists the missing columns, or every cell that cannot be read
 */
export function measuredRequests(file: MeasuredFile): MeasuredRequests {
  const { path } = file;
  const table = readTable(file);
  requireColumns(table, path);
  const usable = table.rows.filter(isUsable);
  const problems = usable.flatMap(problemsOf);
  if (problems.length > 0) throw new UserError(`${path}:\n${firstOf(problems).join("\n")}`);
  const requests = usable.map(requestOf);
  if (requests.every(({ isCold }) => isCold)) {
    throw new UserError(`${path} holds no request that a warm environment answered`);
  }
  return { requests, leftOut: table.rows.length - usable.length };
}

function readTable({ text, path }: MeasuredFile): CsvTable {
  try {
    return parseCsv(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${path}: ${error.message}`, { cause: error });
  }
}

function requireColumns({ columns }: CsvTable, path: string): void {
  const missing = neededColumns.filter((name) => !columns.includes(name));
  if (missing.length === 0) return;
  throw new UserError(
    `${path} lacks the column${missing.length === 1 ? "" : "s"} ${missing.join(", ")}: it has to be a CSV that \`make benchmark-remote\` wrote`,
  );
}

function cell({ cells }: CsvRow, column: NeededColumn): string {
  return cells[column]?.trim() ?? "";
}

/** A failed request cost something, but made no tokens to divide it by. */
function isUsable(row: CsvRow): boolean {
  return cell(row, "error") === "" && !["", "0"].includes(cell(row, "tokens_made"));
}

const starts = ["cold", "warm"] as const;
const isNumber = (text: string) => /^\d+(\.\d+)?$/.test(text);
const isPositive = (text: string) => isNumber(text) && Number(text) > 0;
const isWhole = (text: string) => isPositive(text) && Number.isInteger(Number(text));

/** What each cell may be. */
const rules: readonly (readonly [NeededColumn, (text: string) => boolean, string])[] = [
  ["memory_mb", isWhole, "a number of MB"],
  ["engine", (text) => includes(engineNames, text), engineNames.join(" or ")],
  ["architecture", (text) => includes(architectures, text), architectures.join(" or ")],
  ["start", (text) => includes(starts, text), starts.join(" or ")],
  ["tokens_made", isWhole, "a number of tokens"],
  ["restore_ms", (text) => text === "" || isNumber(text), "milliseconds, or empty"],
  ["billed_ms", isPositive, "a number of milliseconds"],
  ["tokens_per_second", isPositive, "a number above 0"],
];

function includes(names: readonly string[], text: string): boolean {
  return names.includes(text);
}

function problemsOf(row: CsvRow): string[] {
  return rules.flatMap(([column, isGood, what]) => {
    const text = cell(row, column);
    return isGood(text)
      ? []
      : [`line ${row.line}: ${column} is ${JSON.stringify(text)}, must be ${what}`];
  });
}

const mostProblems = 20;

function firstOf(problems: readonly string[]): string[] {
  const more = problems.length - mostProblems;
  return [...problems.slice(0, mostProblems), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** Only of a row without {@link problemsOf}. */
function requestOf(row: CsvRow): MeasuredRequest {
  const text = (column: NeededColumn) => cell(row, column);
  return {
    engine: engineNames.find((name) => name === text("engine")) ?? engineNames[0],
    architecture: architectures.find((name) => name === text("architecture")) ?? architectures[0],
    memoryMiB: Number(text("memory_mb")),
    isCold: text("start") === "cold",
    isRestored: Number(text("restore_ms")) > 0,
    tokensMade: Number(text("tokens_made")),
    billedMs: Number(text("billed_ms")),
    tokensPerSecond: Number(text("tokens_per_second")),
  };
}
