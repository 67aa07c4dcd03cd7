/** Any JSON value, as the one text that `JSON.stringify` makes of it. */
export function jsonLiteral(value: unknown): string {
  return grammarLiteral(JSON.stringify(value));
}

/** Text as a GBNF literal. */
function grammarLiteral(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

/** One of several expressions. */
export function choiceOf<Choice>(
  choices: readonly Choice[],
  write: (choice: Choice, at: number) => string,
): string {
  const written = choices.map(write);
  return written.length === 1 ? written.join("") : `(${written.join(" | ")})`;
}

/** `{least,most}`, in its shortest form. */
export function repetition(least: unknown = 0, most: unknown = undefined): string {
  if (least === 0 && most === undefined) return "*";
  return `{${least},${most ?? ""}}`;
}
