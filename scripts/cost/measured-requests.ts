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

/** A CSV, and what it may not say itself. */
export interface MeasuredFile {
  readonly text: string;
  /** For messages. */
  readonly path: string;
  /** That of the function, for a file without a column of it. */
  readonly architecture?: Sizing["architecture"] | undefined;
}

/** What is needed of a row, and the names that its column may have. */
const columnNames = {
  memory: ["memory_mb", "memory_mib"],
  engine: ["engine"],
  architecture: ["architecture"],
  start: ["start", "is_cold"],
  tokensMade: ["tokens_made"],
  restore: ["restore_ms"],
  billed: ["billed_ms"],
  tokensPerSecond: ["tokens_per_second"],
  error: ["error"],
} as const;

type Field = keyof typeof columnNames;

const fields = Object.keys(columnNames) as readonly Field[];

/** The name of each field's column in one file. */
type Columns = Readonly<Record<Field, string>>;

/**
 * The requests in a CSV of `make benchmark-remote`; its columns may stand in any order and among
 * others.
 *
 * @throws CommandError that lists the missing columns, or every cell that cannot be read
 */
export function measuredRequests(file: MeasuredFile): MeasuredRequests {
  const { path } = file;
  const table = readTable(file);
  const columns = columnsOf(table, file);
  const rows = table.rows.map(({ line, cells }) => ({
    line,
    cells: { [columns.architecture]: file.architecture ?? "", ...cells },
  }));
  const usable = rows.filter((row) => isUsable(row, columns));
  const problems = usable.flatMap((row) => problemsOf(row, columns));
  if (problems.length > 0) throw new CommandError(`${path}:\n${firstOf(problems).join("\n")}`);
  const requests = usable.map((row) => requestOf(row, columns));
  if (requests.every(({ isCold }) => isCold)) {
    throw new CommandError(`${path} holds no request that a warm environment answered`);
  }
  return { requests, leftOut: rows.length - usable.length };
}

function readTable({ text, path }: MeasuredFile): CsvTable {
  try {
    return parseCsv(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${path}: ${error.message}`, { cause: error });
  }
}

function columnsOf({ columns }: CsvTable, { path, architecture }: MeasuredFile): Columns {
  const found = (field: Field) => columnNames[field].find((name) => columns.includes(name));
  const missing = fields.filter(
    (field) => found(field) === undefined && !(field === "architecture" && architecture),
  );
  if (missing.length > 0) {
    const names = missing.map((field) => columnNames[field][0]).join(", ");
    const hint = missing.join() === "architecture" ? "; ARCH=arm64 says it too" : "";
    throw new CommandError(
      `${path} lacks the column${missing.length === 1 ? "" : "s"} ${names}: it has to be a CSV that \`make benchmark-remote\` wrote${hint}`,
    );
  }
  return Object.fromEntries(
    fields.map((field) => [field, found(field) ?? columnNames[field][0]]),
  ) as Columns;
}

function cell({ cells }: CsvRow, column: string): string {
  return cells[column]?.trim() ?? "";
}

/** A failed request cost something, but made no tokens to divide it by. */
function isUsable(row: CsvRow, { error, tokensMade }: Columns): boolean {
  return cell(row, error) === "" && !["", "0"].includes(cell(row, tokensMade));
}

const starts: Readonly<Record<string, boolean>> = {
  cold: true,
  warm: false,
  true: true,
  false: false,
};
const isNumber = (text: string) => /^\d+(\.\d+)?$/.test(text);
const isPositive = (text: string) => isNumber(text) && Number(text) > 0;
const isWhole = (text: string) => isPositive(text) && Number.isInteger(Number(text));

/** What each cell may be. */
const rules: readonly (readonly [Field, (text: string) => boolean, string])[] = [
  ["memory", isWhole, "a number of MB"],
  ["engine", (text) => includes(engineNames, text), engineNames.join(" or ")],
  ["architecture", (text) => includes(architectures, text), architectures.join(" or ")],
  ["start", (text) => starts[text] !== undefined, "cold or warm"],
  ["tokensMade", isWhole, "a number of tokens"],
  ["restore", (text) => text === "" || isNumber(text), "milliseconds, or empty"],
  ["billed", isPositive, "a number of milliseconds"],
  ["tokensPerSecond", isPositive, "a number above 0"],
];

function includes(names: readonly string[], text: string): boolean {
  return names.includes(text);
}

function problemsOf(row: CsvRow, columns: Columns): string[] {
  return rules.flatMap(([field, isGood, what]) => {
    const text = cell(row, columns[field]);
    return isGood(text)
      ? []
      : [`line ${row.line}: ${columns[field]} is ${JSON.stringify(text)}, must be ${what}`];
  });
}

const mostProblems = 20;

function firstOf(problems: readonly string[]): string[] {
  const more = problems.length - mostProblems;
  return [...problems.slice(0, mostProblems), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** Only of a row without {@link problemsOf}. */
function requestOf(row: CsvRow, columns: Columns): MeasuredRequest {
  const text = (field: Field) => cell(row, columns[field]);
  return {
    engine: engineNames.find((name) => name === text("engine")) ?? engineNames[0],
    architecture: architectures.find((name) => name === text("architecture")) ?? architectures[0],
    memoryMiB: Number(text("memory")),
    isCold: starts[text("start")] === true,
    isRestored: Number(text("restore")) > 0,
    tokensMade: Number(text("tokensMade")),
    billedMs: Number(text("billed")),
    tokensPerSecond: Number(text("tokensPerSecond")),
  };
}
