/**
 * GBNF, llama.cpp's notation for grammars, to rules:
 *
 *   root ::= "yes" | "no" [a-z]* (digit{1,3} "\n")?   # a comment
 *
 * A group becomes a rule of its own, and so does a repetition: x* is a rule that is x and itself
 * again, or nothing.
 *
 * Source: llama_grammar_parser of src/llama-grammar.cpp, llama.cpp@1f86f058 (read 2026-11); the
 * messages are its own.
 */
import type { Alternatives, GrammarElement, Terminal } from "./grammar.ts";

/** Why a text is no grammar. */
export class GrammarError extends Error {
  override readonly name = "GrammarError";
}

/** Rules by number, and the numbers of their names. */
export interface ParsedGrammar {
  readonly rules: readonly Alternatives[];
  readonly names: ReadonlyMap<string, number>;
}

/** Parses a grammar. Throws GrammarError. */
export function parseGrammar(text: string): ParsedGrammar {
  return new GrammarParser(text).parse();
}

const ANY: Terminal = { ranges: [[0, 0xffffffff]], isNegated: false };
const ENDLESS = -1;
const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  r: "\r",
  n: "\n",
  "\\": "\\",
  '"': '"',
  "[": "[",
  "]": "]",
};
const REPETITIONS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  "*": [0, ENDLESS],
  "+": [1, ENDLESS],
  "?": [0, 1],
};

class GrammarParser {
  readonly #text: string;
  readonly #names = new Map<string, number>();
  readonly #rules: (Alternatives | undefined)[] = [];
  #position = 0;

  constructor(text: string) {
    // A NUL ends a text of C.
    this.#text = text.split("\0", 1)[0] ?? "";
  }

  parse(): ParsedGrammar {
    this.#skipSpace(true);
    while (this.#peek() !== "") this.#rule();
    return { rules: this.#definedRules(), names: this.#names };
  }

  #definedRules(): Alternatives[] {
    return Array.from(this.#rules, (rule) => {
      if (!rule) throw new GrammarError("Undefined rule");
      for (const element of rule.flat()) {
        if ("rule" in element && !this.#rules[element.rule]) {
          const name = [...this.#names].find(([, number]) => number === element.rule)?.[0];
          throw new GrammarError(`Undefined rule identifier '${name}'`);
        }
      }
      return rule;
    });
  }

  #rule(): void {
    const name = this.#match(/[a-zA-Z0-9-]+/y) ?? this.#fail("expecting name at ");
    this.#skipSpace(false);
    const number = this.#numberOf(name);
    if (!this.#match(/::=/y)) this.#fail("expecting ::= at ");
    this.#skipSpace(true);
    this.#alternatives(name, number, false);
    if (this.#peek() !== "" && !this.#match(/\r\n|\r|\n/y)) {
      this.#fail("expecting newline or end at ");
    }
    this.#skipSpace(true);
  }

  #alternatives(ruleName: string, number: number, isNested: boolean): void {
    const alternatives = [this.#sequence(ruleName, isNested)];
    while (this.#match(/\|/y)) {
      this.#skipSpace(true);
      alternatives.push(this.#sequence(ruleName, isNested));
    }
    this.#rules[number] = alternatives;
  }

  #sequence(ruleName: string, isNested: boolean): GrammarElement[] {
    const sequence: GrammarElement[] = [];
    /** Where the item begins that a repetition is about. */
    let last = 0;
    const add = (elements: readonly GrammarElement[]) => {
      last = sequence.length;
      sequence.push(...elements);
      this.#skipSpace(isNested);
    };
    for (;;) {
      if (this.#match(/"/y)) add(this.#literal());
      else if (this.#match(/\[/y)) add(this.#range());
      else if (this.#match(/\(/y)) add([this.#group(ruleName)]);
      else if (this.#match(/\./y)) add([ANY]);
      else if (/^[*+?{]/.test(this.#peek())) {
        const [min, max] = this.#repetition(isNested);
        if (last === sequence.length) this.#fail("expecting preceding item to */+/?/{ at ");
        sequence.push(...this.#repeat(sequence.splice(last), ruleName, [min, max]));
      } else {
        const name = this.#match(/[a-zA-Z0-9-]+/y);
        if (name === undefined) return sequence;
        add([{ rule: this.#numberOf(name) }]);
      }
    }
  }

  #literal(): Terminal[] {
    const terminals: Terminal[] = [];
    while (!this.#match(/"/y)) {
      const character = this.#character();
      terminals.push({ ranges: [[character, character]], isNegated: false });
    }
    return terminals;
  }

  /** Empty brackets are no character at all. */
  #range(): Terminal[] {
    const isNegated = this.#match(/\^/y) !== undefined;
    const ranges: [number, number][] = [];
    while (!this.#match(/\]/y)) {
      const first = this.#character();
      ranges.push([first, this.#match(/-(?!\])/y) ? this.#character() : first]);
    }
    return ranges.length > 0 ? [{ ranges, isNegated }] : [];
  }

  #group(ruleName: string): GrammarElement {
    this.#skipSpace(true);
    const rule = this.#newRule(ruleName);
    this.#alternatives(ruleName, rule, true);
    if (!this.#match(/\)/y)) this.#fail("expecting ')' at ");
    return { rule };
  }

  #repetition(isNested: boolean): readonly [min: number, max: number] {
    const short = REPETITIONS[this.#peek()];
    this.#position++;
    this.#skipSpace(isNested);
    if (short) return short;
    const min = this.#match(/\d+/y) ?? this.#fail("expecting an int at ");
    this.#skipSpace(isNested);
    if (this.#closesBraces(isNested)) return [Number(min), Number(min)];
    if (!this.#match(/,/y)) this.#fail("expecting ',' at ");
    this.#skipSpace(isNested);
    const max = this.#match(/\d+/y);
    this.#skipSpace(isNested);
    if (!this.#closesBraces(isNested)) this.#fail("expecting '}' at ");
    return [Number(min), max === undefined ? ENDLESS : Number(max)];
  }

  #closesBraces(isNested: boolean): boolean {
    if (!this.#match(/\}/y)) return false;
    this.#skipSpace(isNested);
    return true;
  }

  /** An item so many times: written out as often as it must be, then rules for the rest. */
  #repeat(
    item: readonly GrammarElement[],
    ruleName: string,
    [min, max]: readonly [min: number, max: number],
  ): GrammarElement[] {
    const sequence = Array.from({ length: min }, () => item).flat();
    let rest: GrammarElement[] = [];
    const optional = max === ENDLESS ? 1 : max - min;
    for (let count = 0; count < optional; count++) {
      const rule = this.#newRule(ruleName);
      this.#rules[rule] = [[...item, ...(max === ENDLESS ? [{ rule }] : rest)], []];
      rest = [{ rule }];
    }
    return [...sequence, ...rest];
  }

  /** One character, written plainly or escaped, as a code point. */
  #character(): number {
    const digits = HEX_ESCAPES[this.#text[this.#position + 1] ?? ""];
    if (this.#peek() !== "\\") {
      const plain = this.#match(/./suy);
      return plain?.codePointAt(0) ?? this.#fail("unexpected end of input", false);
    }
    if (digits !== undefined) return this.#hex(digits);
    const escaped = ESCAPES[this.#text[this.#position + 1] ?? ""];
    if (escaped === undefined) this.#fail("unknown escape at ");
    this.#position += 2;
    return escaped.charCodeAt(0);
  }

  #hex(digits: number): number {
    this.#position += 2;
    const text = this.#text.slice(this.#position, this.#position + digits);
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) {
      this.#fail(`expecting ${digits} hex chars at `);
    }
    this.#position += digits;
    return Number.parseInt(text, 16);
  }

  #numberOf(name: string): number {
    const number = this.#names.get(name) ?? this.#names.size;
    this.#names.set(name, number);
    return number;
  }

  #newRule(base: string): number {
    // No name that a grammar can write has an underscore.
    return this.#numberOf(`${base}_${this.#names.size}`);
  }

  #skipSpace(withLineBreaks: boolean): void {
    this.#match(withLineBreaks ? /(?:[ \t\r\n]|#[^\r\n]*)*/y : /(?:[ \t]|#[^\r\n]*)*/y);
  }

  #peek(): string {
    return this.#text.charAt(this.#position);
  }

  /** Reads what a sticky pattern matches here. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  #fail(message: string, showsRest = true): never {
    throw new GrammarError(message + (showsRest ? this.#text.slice(this.#position) : ""));
  }
}
