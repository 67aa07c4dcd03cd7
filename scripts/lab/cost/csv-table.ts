/** A row of a CSV file: its line, for messages, and its cells by column. */
export interface CsvRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** A CSV file with names in its first line. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Reads CSV by RFC 4180: cells in quotes may hold commas, line breaks and doubled quotes. A cell
 * that a row lacks is empty; empty lines are left out.
 */
export function parseCsv(text: string): CsvTable {
  const [head, ...records] = recordsOf(text);
  // Trimming takes a byte order mark away as well.
  const columns = head?.cells.map((name) => name.trim()) ?? [];
  const rows = records.map(({ line, cells }) => ({
    line,
    cells: Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ""])),
  }));
  return { columns, rows };
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell, in quotes or without, and what ends it. */
const cellPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;

function recordsOf(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let [line, firstLine, read] = [1, 1, 0];
  while (read < text.length || cells.length > 0) {
    cellPattern.lastIndex = read;
    const match = cellPattern.exec(text);
    if (match === null) throw new SyntaxError(`line ${line}: a quote that is not closed`);
    const [all, quoted, plain = "", end = ""] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    read += all.length;
    line += all.split("\n").length - 1;
    if (end === ",") continue;
    if (cells.some((cell) => cell !== "")) records.push({ line: firstLine, cells });
    cells = [];
    firstLine = line;
  }
  return records;
}
