import { AppError } from "../errors.ts";

/** A GBNF grammar: rules by their names, in the order of the text. */
export type GrammarRules = ReadonlyMap<string, Alternates>;

/** One of these sequences matches. */
export type Alternates = readonly (readonly GrammarItem[])[];

/** One thing to match, `least` to `most` times; `most` is infinite for `*` and `+`. */
export type GrammarItem = GrammarMatcher & { readonly least: number; readonly most: number };

/** Code points, both ends included. */
export type CharacterRange = readonly [first: number, last: number];

/** What an item matches once. */
export type GrammarMatcher =
  /** These characters, as code points, one after the other. */
  | { readonly kind: "literal"; readonly characters: readonly number[] }
  /** One character in any of the ranges; if negated, one in none of them. */
  | {
      readonly kind: "class";
      readonly ranges: readonly CharacterRange[];
      readonly isNegated: boolean;
    }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "group"; readonly alternates: Alternates };

/**
 * Reads GBNF as the pinned llama.cpp does (`src/llama-grammar.cpp` of 1f86f058).
 *
 * @throws AppError `request-invalid` that tells line and column
 */
export function parseGrammar(text: string): GrammarRules {
  const reader = createReader(text);
  const rules = new Map<string, Alternates>();
  reader.skipSpace(true);
  while (!reader.isAtEnd()) {
    const name = reader.take(namePattern) ?? reader.fail("expected the name of a rule");
    if (rules.has(name)) reader.fail(`the rule \`${name}\` is defined twice`);
    reader.skipSpace(false);
    if (!reader.take(/::=/y)) reader.fail("expected `::=`");
    reader.skipSpace(true);
    rules.set(name, readAlternates(reader, false));
    if (!reader.isAtEnd() && !reader.take(/\r\n|\r|\n/y))
      reader.fail("expected the end of the rule");
    reader.skipSpace(true);
  }
  return rules;
}

const namePattern = /[a-zA-Z0-9-]+/y;

/** Deeper parentheses are nobody's grammar and could exhaust the stack; so are longer `x???…`. */
const deepestGroup = 100;

type Reader = ReturnType<typeof createReader>;

function readAlternates(reader: Reader, isNested: boolean, depth = 0): Alternates {
  if (depth > deepestGroup) reader.fail(`more than ${deepestGroup} parentheses inside each other`);
  const alternates = [readSequence(reader, isNested, depth)];
  while (reader.take(/\|/y)) {
    reader.skipSpace(true);
    alternates.push(readSequence(reader, isNested, depth));
  }
  return alternates;
}

function readSequence(reader: Reader, isNested: boolean, depth: number): readonly GrammarItem[] {
  const items: GrammarItem[] = [];
  for (;;) {
    const matcher = readMatcher(reader, depth);
    if (matcher === undefined) return items;
    reader.skipSpace(isNested);
    items.push(readRepetitions(reader, isNested, matcher));
  }
}

function readMatcher(reader: Reader, depth: number): GrammarMatcher | undefined {
  if (reader.take(/"/y)) return readLiteral(reader);
  if (reader.take(/\[/y)) return readClass(reader);
  if (reader.take(/\./y)) return { kind: "class", ranges: [], isNegated: true };
  if (reader.take(/\(/y)) return readGroup(reader, depth);
  const name = reader.take(namePattern);
  return name === undefined ? undefined : { kind: "rule", name };
}

function readLiteral(reader: Reader): GrammarMatcher {
  const characters: number[] = [];
  while (!reader.take(/"/y)) characters.push(readCharacter(reader));
  return { kind: "literal", characters };
}

function readClass(reader: Reader): GrammarMatcher {
  const isNegated = reader.take(/\^/y) !== undefined;
  if (reader.take(/\]/y)) reader.fail("an empty character class matches nothing");
  const ranges: CharacterRange[] = [];
  while (!reader.take(/\]/y)) {
    const first = readCharacter(reader);
    ranges.push([first, reader.take(/-(?!\])/y) ? readCharacter(reader) : first]);
  }
  return { kind: "class", ranges, isNegated };
}

function readGroup(reader: Reader, depth: number): GrammarMatcher {
  reader.skipSpace(true);
  const alternates = readAlternates(reader, true, depth + 1);
  if (!reader.take(/\)/y)) reader.fail("expected `)`");
  return { kind: "group", alternates };
}

/** One character as it is, or one of llama.cpp's escapes, as a code point. */
function readCharacter(reader: Reader): number {
  if (reader.isAtEnd()) reader.fail("unexpected end");
  const isEscape = reader.take(/\\(?=.)/suy) !== undefined;
  const known = isEscape ? /[tnr"[\]\\]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y : /./suy;
  const text = reader.take(known) ?? reader.fail("unknown escape");
  if (isEscape && text.length > 1) return Number.parseInt(text.slice(1), 16);
  const character = isEscape ? (controlEscapes[text] ?? text) : text;
  return character.codePointAt(0) ?? 0;
}

const controlEscapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r" };

const endless = Number.POSITIVE_INFINITY;

/** Repetition marks → how often at least and at most. */
const marks = { "*": [0, endless], "+": [1, endless], "?": [0, 1] } as const;

/** `x*`, `x{2,5}`; marks behind marks (`x?*`) repeat what is before them, as a group would. */
function readRepetitions(reader: Reader, isNested: boolean, matcher: GrammarMatcher): GrammarItem {
  let item: GrammarItem = { ...matcher, least: 1, most: 1 };
  for (let count = 0; ; count++) {
    const bounds = readRepetition(reader);
    if (bounds === undefined) return item;
    if (count === deepestGroup) {
      reader.fail(`more than ${deepestGroup} repetitions behind each other`);
    }
    if (matcher.kind === "literal" && matcher.characters.length === 0) {
      reader.fail("an empty text cannot be repeated");
    }
    const [least, most] = bounds;
    if (least > most) reader.fail("repetition bounds are the wrong way round");
    item =
      count === 0
        ? { ...matcher, least, most }
        : { kind: "group", alternates: [[item]], least, most };
    reader.skipSpace(isNested);
  }
}

function readRepetition(reader: Reader): readonly [number, number] | undefined {
  const mark = reader.take(/[*+?]/y);
  if (mark !== undefined) return marks[mark as keyof typeof marks];
  if (!reader.take(/\{/y)) return undefined;
  const counts =
    reader.take(/[ \t]*\d{1,6}[ \t]*(,[ \t]*(\d{1,6})?[ \t]*)?\}/y) ??
    reader.fail("expected a repetition like `{2}`, `{2,}` or `{2,5}`");
  const [least = "", most = least] = counts.slice(0, -1).split(",");
  return [Number(least), most.trim() === "" ? endless : Number(most)];
}

/** A position in a text that moves on by what matches there. */
function createReader(text: string) {
  let at = 0;
  return {
    isAtEnd: () => at >= text.length,
    /** What a sticky pattern matches here, or nothing. */
    take(pattern: RegExp): string | undefined {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      at += found?.length ?? 0;
      return found;
    },
    skipSpace(isNewlineSpace: boolean): void {
      this.take(isNewlineSpace ? /(?:[ \t\r\n]|#[^\r\n]*)*/y : /(?:[ \t]|#[^\r\n]*)*/y);
    },
    fail(message: string): never {
      const before = text.slice(0, at).split("\n");
      const column = (before.at(-1) ?? "").length + 1;
      throw new AppError("request-invalid", `line ${before.length}, column ${column}: ${message}`);
    },
  };
}
