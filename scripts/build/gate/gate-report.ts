import type { Row } from "./checks.ts";

/** Wrong rows shown at most. */
const rowsShown = 40;

/** Progress of a check: how many rows of each engine are right, and the seconds it took. */
export function checkLines(check: string, rows: readonly Row[], seconds: number): string[] {
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  return engines.map((engine) => {
    const own = rows.filter((row) => row.engine === engine);
    const time = `${seconds.toFixed(1)} s`.padStart(8);
    return `${check.padEnd(13)} ${engine.padEnd(13)} ${`${own.filter(isRight).length} of ${own.length} right`.padEnd(18)} ${engine === engines[0] ? time : ""}`.trimEnd();
  });
}

export const isRight = ({ differences }: Row) => differences.length === 0;

/** A wrong row: what was asked, what was expected and what came. */
function wrongRowText(check: string, { engine, question, got, differences }: Row): string {
  const { text, fields } = question;
  return [
    `WRONG: ${check}, ${engine}: ${differences.join("; ")}`,
    `  asked     ${JSON.stringify(fields)}`,
    `  expected  ${typeof text === "string" ? JSON.stringify(text) : `a match of ${text}`}`,
    `  got       ${JSON.stringify(got)}`,
  ].join("\n");
}

/** The wrong rows of all checks, and how many are left out. */
export function wrongRowsText(rows: readonly (readonly [check: string, row: Row])[]): string {
  const shown = rows.slice(0, rowsShown).map(([check, row]) => wrongRowText(check, row));
  const rest = rows.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n");
}

/** The last line. */
export function verdict(names: readonly string[], wrong: number, total: number): string {
  const programs = names.join(" and ");
  if (wrong > 0)
    return `${wrong} of ${total} answers of ${programs} are wrong: do not deploy this engine.`;
  return `${programs} ${names.length > 1 ? "give" : "gives"} all ${total} answers as expected.`;
}
