/** So many characters in a row that a line shares with a text are no coincidence. */
const echoLength = 12;

/** A shorter text gives nothing away, and would be found everywhere. */
const shortestText = 2;

/** Stands for lines that were left out. */
export const leftOut = "[left out: text of a request]";

/**
 * An engine's words without the lines that repeat one of these texts, in whole or in part: engines
 * may print their prompt before they crash. Rather a line too few than a word too many.
 */
export function withoutEchoes(words: string, texts: readonly string[]): string {
  const lines = words.split("\n");
  const echoes = echoesIn(
    lines,
    texts.filter((text) => text.trim().length >= shortestText),
  );
  const kept = lines.map((line, at) => (echoes.has(at) ? leftOut : line));
  return kept.filter((line, at) => line !== leftOut || kept[at - 1] !== leftOut).join("\n");
}

/** Which of the lines hold a part of a text, are a part of one, or hold a short one as a word. */
function echoesIn(lines: readonly string[], texts: readonly string[]): ReadonlySet<number> {
  const linesOfPart = partsOf(lines);
  const echoes = new Set<number>();
  for (const text of texts) {
    for (let at = 0; at + echoLength <= text.length; at++) {
      for (const line of linesOfPart.get(text.slice(at, at + echoLength)) ?? []) echoes.add(line);
    }
    for (const [at, line] of lines.entries()) if (isWithin(line, text)) echoes.add(at);
  }
  return echoes;
}

/** Every part of a line that is long enough → the lines it is in. */
function partsOf(lines: readonly string[]): ReadonlyMap<string, ReadonlySet<number>> {
  const parts = new Map<string, Set<number>>();
  for (const [number, line] of lines.entries()) {
    for (let at = 0; at + echoLength <= line.length; at++) {
      const part = line.slice(at, at + echoLength);
      parts.set(part, (parts.get(part) ?? new Set()).add(number));
    }
  }
  return parts;
}

/** A line that is a piece of the text, or holds all of a short text between other characters. */
function isWithin(line: string, text: string): boolean {
  const trimmed = line.trim();
  if (trimmed.length < shortestText) return false;
  if (text.includes(trimmed)) return true;
  const whole = text.trim();
  return whole.length < echoLength && holdsWord(trimmed, whole);
}

function holdsWord(line: string, word: string): boolean {
  for (let at = line.indexOf(word); at !== -1; at = line.indexOf(word, at + 1)) {
    if (!isInsideWord(line, at) && !isInsideWord(line, at + word.length)) return true;
  }
  return false;
}

/** Letters or digits on both sides. */
function isInsideWord(line: string, at: number): boolean {
  return /^[\p{L}\p{N}]{2}$/u.test(line.slice(Math.max(0, at - 1), at + 1));
}
