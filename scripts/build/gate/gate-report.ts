import type { Row } from "./checks.ts";

/** Wrong rows shown at most. */
const rowsShown = 40;

/** Characters shown before the first difference, and in all. */
const [charactersBefore, charactersShown] = [20, 70];

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

/** A wrong row: what was asked, and both texts from shortly before the first difference. */
function wrongRowText(check: string, { engine, question, got, differences }: Row): string {
  const { text, fields } = question;
  const expected = typeof text === "string" ? text : undefined;
  const from = Math.max(0, firstDifference(expected ?? got, got) - charactersBefore);
  const shown = expected === undefined ? `a match of ${text}` : excerpt(expected, from);
  return [
    `WRONG: ${check}, ${engine}: ${differences.join("; ")}`,
    `  asked     ${JSON.stringify(fields)}`,
    `  expected  ${shown}`,
    `  got       ${excerpt(got, from)}`,
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

function firstDifference(expected: string, got: string): number {
  let at = 0;
  while (at < expected.length && expected[at] === got[at]) at++;
  return expected === got ? 0 : at;
}

function excerpt(text: string, from: number): string {
  const to = from + charactersShown;
  const shown = JSON.stringify(text.slice(from, to)).slice(1, -1);
  return `${from > 0 ? "…" : ""}${shown}${text.length > to ? "…" : ""}`;
}
