import { architectures } from "../../model/architecture.ts";
import { engineNames } from "../../runtime/config.ts";
import type { Sizing } from "../../stacks/lambda-prices.ts";
import { CommandError } from "../cloud/command-error.ts";
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

/** The columns that are needed, in any order and among others. */
const neededColumns = [
  "memory_mib",
  "engine",
  "architecture",
  "is_cold",
  "tokens_made",
  "restore_ms",
  "billed_ms",
  "tokens_per_second",
  "error",
] as const;

type Column = (typeof neededColumns)[number];

/**
 * The requests in a CSV of `make benchmark-remote`.
 *
 * @param path for messages
 * @throws CommandError that lists the missing columns, or every cell that cannot be read
 */
export function measuredRequests(text: string, path: string): MeasuredRequests {
  const { columns, rows } = readTable(text, path);
  const missing = neededColumns.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new CommandError(
      `${path} lacks ${missing.length === 1 ? "the column" : "the columns"} ${missing.join(", ")}: it has to be a CSV that \`make benchmark-remote\` wrote`,
    );
  }
  const usable = rows.filter(isUsable);
  const problems = usable.flatMap((row) => problemsOf(row));
  if (problems.length > 0) throw new CommandError(`${path}:\n${firstOf(problems).join("\n")}`);
  const requests = usable.map(requestOf);
  if (requests.every(({ isCold }) => isCold)) {
    throw new CommandError(`${path} holds no request that a warm environment answered`);
  }
  return { requests, leftOut: rows.length - usable.length };
}

function readTable(text: string, path: string): CsvTable {
  try {
    return parseCsv(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${path}: ${error.message}`, { cause: error });
  }
}

function cell({ cells }: CsvRow, column: Column): string {
  return cells[column]?.trim() ?? "";
}

/** A failed request cost something, but made no tokens to divide it by. */
function isUsable(row: CsvRow): boolean {
  return cell(row, "error") === "" && !["", "0"].includes(cell(row, "tokens_made"));
}

const isPositive = (text: string) => /^\d+(\.\d+)?$/.test(text) && Number(text) > 0;
const flags: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  "1": true,
  "0": false,
};

/** What each cell may be. */
const rules: readonly (readonly [Column, (text: string) => boolean, string])[] = [
  ["memory_mib", (text) => isPositive(text) && Number.isInteger(Number(text)), "a number of MB"],
  ["engine", (text) => includes(engineNames, text), engineNames.join(" or ")],
  ["architecture", (text) => includes(architectures, text), architectures.join(" or ")],
  ["is_cold", (text) => flags[text] !== undefined, "true or false"],
  ["tokens_made", isPositive, "a number of tokens"],
  ["restore_ms", (text) => text === "" || /^\d+(\.\d+)?$/.test(text), "milliseconds, or empty"],
  ["billed_ms", isPositive, "a number of milliseconds"],
  ["tokens_per_second", isPositive, "a number above 0"],
];

function includes(names: readonly string[], text: string): boolean {
  return names.includes(text);
}

function problemsOf(row: CsvRow): string[] {
  return rules.flatMap(([column, isGood, what]) =>
    isGood(cell(row, column))
      ? []
      : [`line ${row.line}: ${column} is ${JSON.stringify(cell(row, column))}, must be ${what}`],
  );
}

const mostProblems = 20;

function firstOf(problems: readonly string[]): string[] {
  const more = problems.length - mostProblems;
  return [...problems.slice(0, mostProblems), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** Only of a row without {@link problemsOf}. */
function requestOf(row: CsvRow): MeasuredRequest {
  const [engine = engineNames[0]] = engineNames.filter((name) => name === cell(row, "engine"));
  const [architecture = architectures[0]] = architectures.filter(
    (name) => name === cell(row, "architecture"),
  );
  return {
    engine,
    architecture,
    memoryMiB: Number(cell(row, "memory_mib")),
    isCold: flags[cell(row, "is_cold")] === true,
    isRestored: Number(cell(row, "restore_ms")) > 0,
    tokensMade: Number(cell(row, "tokens_made")),
    billedMs: Number(cell(row, "billed_ms")),
    tokensPerSecond: Number(cell(row, "tokens_per_second")),
  };
}
