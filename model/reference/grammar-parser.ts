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
import { GrammarError, GrammarText } from "./grammar-text.ts";

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
const REPETITIONS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  "*": [0, ENDLESS],
  "+": [1, ENDLESS],
  "?": [0, 1],
};

class GrammarParser {
  readonly #text: GrammarText;
  readonly #names = new Map<string, number>();
  readonly #rules: (Alternatives | undefined)[] = [];

  constructor(text: string) {
    this.#text = new GrammarText(text);
  }

  parse(): ParsedGrammar {
    this.#text.skipSpace(true);
    while (this.#text.peek() !== "") this.#rule();
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
    const name = this.#text.match(/[a-zA-Z0-9-]+/y) ?? this.#text.fail("expecting name at ");
    this.#text.skipSpace(false);
    const number = this.#numberOf(name);
    if (!this.#text.match(/::=/y)) this.#text.fail("expecting ::= at ");
    this.#text.skipSpace(true);
    this.#alternatives(name, number, false);
    if (this.#text.peek() !== "" && !this.#text.match(/\r\n|\r|\n/y)) {
      this.#text.fail("expecting newline or end at ");
    }
    this.#text.skipSpace(true);
  }

  #alternatives(ruleName: string, number: number, isNested: boolean): void {
    const alternatives = [this.#sequence(ruleName, isNested)];
    while (this.#text.match(/\|/y)) {
      this.#text.skipSpace(true);
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
      this.#text.skipSpace(isNested);
    };
    for (;;) {
      if (this.#text.match(/"/y)) add(this.#literal());
      else if (this.#text.match(/\[/y)) add(this.#range());
      else if (this.#text.match(/\(/y)) add([this.#group(ruleName)]);
      else if (this.#text.match(/\./y)) add([ANY]);
      else if (/^[*+?{]/.test(this.#text.peek())) {
        const [min, max] = this.#repetition(isNested);
        if (last === sequence.length) this.#text.fail("expecting preceding item to */+/?/{ at ");
        sequence.push(...this.#repeat(sequence.splice(last), ruleName, [min, max]));
      } else {
        const name = this.#text.match(/[a-zA-Z0-9-]+/y);
        if (name === undefined) return sequence;
        add([{ rule: this.#numberOf(name) }]);
      }
    }
  }

  #literal(): Terminal[] {
    const terminals: Terminal[] = [];
    while (!this.#text.match(/"/y)) {
      const character = this.#text.character();
      terminals.push({ ranges: [[character, character]], isNegated: false });
    }
    return terminals;
  }

  /** Empty brackets are no character at all. */
  #range(): Terminal[] {
    const isNegated = this.#text.match(/\^/y) !== undefined;
    const ranges: [number, number][] = [];
    while (!this.#text.match(/\]/y)) {
      const first = this.#text.character();
      ranges.push([first, this.#text.match(/-(?!\])/y) ? this.#text.character() : first]);
    }
    return ranges.length > 0 ? [{ ranges, isNegated }] : [];
  }

  #group(ruleName: string): GrammarElement {
    this.#text.skipSpace(true);
    const rule = this.#newRule(ruleName);
    this.#alternatives(ruleName, rule, true);
    if (!this.#text.match(/\)/y)) this.#text.fail("expecting ')' at ");
    return { rule };
  }

  #repetition(isNested: boolean): readonly [min: number, max: number] {
    const short = REPETITIONS[this.#text.peek()];
    this.#text.skip();
    this.#text.skipSpace(isNested);
    if (short) return short;
    const min = this.#text.match(/\d+/y) ?? this.#text.fail("expecting an int at ");
    this.#text.skipSpace(isNested);
    if (this.#closesBraces(isNested)) return [Number(min), Number(min)];
    if (!this.#text.match(/,/y)) this.#text.fail("expecting ',' at ");
    this.#text.skipSpace(isNested);
    const max = this.#text.match(/\d+/y);
    this.#text.skipSpace(isNested);
    if (!this.#closesBraces(isNested)) this.#text.fail("expecting '}' at ");
    return [Number(min), max === undefined ? ENDLESS : Number(max)];
  }

  #closesBraces(isNested: boolean): boolean {
    if (!this.#text.match(/\}/y)) return false;
    this.#text.skipSpace(isNested);
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

  #numberOf(name: string): number {
    const number = this.#names.get(name) ?? this.#names.size;
    this.#names.set(name, number);
    return number;
  }

  #newRule(base: string): number {
    // No name that a grammar can write has an underscore.
    return this.#numberOf(`${base}_${this.#names.size}`);
  }
}
