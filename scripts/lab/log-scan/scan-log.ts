import type { LogNote } from "./log-note.ts";

/** A line of the log that holds what no line may. */
export interface Leak {
  readonly line: string;
  /** The test that brought the line about. */
  readonly test: string;
  /** What it holds. */
  readonly found: string;
}

/** What came of a scan. */
export interface LogScan {
  /** Lines of the log. */
  readonly lines: number;
  /** Texts and keys that were looked for, each once. */
  readonly texts: number;
  /** One for each line that differs in its words. */
  readonly leaks: readonly Leak[];
}

/**
 * Looks for texts of requests and answers, keys and absolute paths in every line of the log.
 *
 * @param folders of this machine, that are absolute paths whatever they look like
 */
export function scanLog(notes: readonly LogNote[], folders: readonly string[]): LogScan {
  const lines = notes.filter(({ kind }) => kind === "line").map(readableLine);
  const different = [...new Map(lines.map((line) => [line.words, line])).values()];
  const texts = new Set(notes.filter(({ kind }) => kind === "text").map(({ text }) => text));
  const keys = new Set(notes.filter(({ kind }) => kind === "key").map(({ text }) => text));
  const leaks = [
    ...textLeaks(different, texts),
    ...different.flatMap((line) => keyLeaks(line, keys)),
    ...different.flatMap((line) => pathLeaks(line, folders)),
  ];
  return {
    lines: lines.length,
    texts: texts.size + keys.size,
    leaks: [...new Map(leaks.toReversed().map((each) => [each.line, each])).values()].toReversed(),
  };
}

/** A line, and the words in it as they were before they became JSON; numbers hold none. */
interface ReadableLine extends Pick<LogNote, "test"> {
  readonly line: string;
  readonly words: string;
}

function readableLine({ text, test }: LogNote): ReadableLine {
  const { timestamp: _1, request_id: _2, ...fields } = JSON.parse(text);
  const words = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === "string" ? [name, value] : [name],
  );
  return { line: text, test, words: words.join("\n") };
}

/** So many characters of a text in a row are no coincidence, if there are letters among them. */
const partLength = 16;
const fewestLetters = 8;

/** A text shorter than a part is looked for as a whole; one shorter than this would be everywhere. */
const shortestText = 8;

function textLeaks(lines: readonly ReadableLine[], texts: ReadonlySet<string>): Leak[] {
  const lineOfPart = new Map<string, ReadableLine>();
  for (const line of lines) {
    for (const part of partsOf(line.words)) if (!lineOfPart.has(part)) lineOfPart.set(part, line);
  }
  return [...texts].flatMap((text) => {
    if (text.length < partLength) return shortLeaks(lines, text);
    for (const part of partsOf(text)) {
      const line = lineOfPart.get(part);
      if (line !== undefined && letters(part) >= fewestLetters) return [leak(line, part)];
    }
    return [];
  });
}

function* partsOf(text: string): Generator<string> {
  for (let at = 0; at + partLength <= text.length; at++) yield text.slice(at, at + partLength);
}

function letters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

function shortLeaks(lines: readonly ReadableLine[], text: string): Leak[] {
  const whole = text.trim();
  if (whole.length < shortestText) return [];
  return lines.filter(({ words }) => holdsWord(words, whole)).map((line) => leak(line, whole));
}

function keyLeaks(line: ReadableLine, keys: ReadonlySet<string>): Leak[] {
  return [...keys].filter((key) => holdsWord(line.words, key)).map((key) => leak(line, key));
}

/** Whether a text stands among others, and not inside a word. */
function holdsWord(words: string, text: string): boolean {
  for (let at = words.indexOf(text); at !== -1; at = words.indexOf(text, at + 1)) {
    const around = [words.slice(at - 1, at), words.slice(at + text.length, at + text.length + 1)];
    if (!around.some((character) => /[\p{L}\p{N}]/u.test(character))) return true;
  }
  return false;
}

/** A path from the root with a folder in it; routes are none. */
const absolutePath = /(?<![\w./…:-])\/(?!v1\/)[^\s/'"`]+\/[^\s'"`]*/g;

function pathLeaks(line: ReadableLine, folders: readonly string[]): Leak[] {
  const found = [
    ...(line.words.match(absolutePath) ?? []),
    ...folders.filter((folder) => line.words.includes(`${folder}/`)),
  ];
  return found.map((path) => leak(line, path));
}

function leak({ line, test }: ReadableLine, found: string): Leak {
  return { line, test, found };
}

/** A scan in a few lines, for people; of many leaks the first. */
export function scanText({ lines, texts, leaks }: LogScan): string {
  const told = leaks.slice(0, 10).map(({ line, test, found }) => {
    return `  ${JSON.stringify(found)} in the line\n    ${line}\n  of ${test}`;
  });
  const summary = `${lines} lines of the log were scanned for ${texts} texts and keys, and for absolute paths: ${leaks.length || "nothing"} found.`;
  return [summary, ...told].join("\n");
}
