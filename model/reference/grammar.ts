/** A grammar as the automaton of `grammar-state.ts` runs it: rules by number, no repetitions left. */
// The one import of runtime/ in model/: there is one parser of GBNF, and the runtime needs it in
// the function, where model/ is not.
import { grammarProblem } from "../../runtime/constraint/grammar.ts";
import { parseGrammar } from "../../runtime/constraint/grammar-parser.ts";
import type {
  CharacterRange,
  Alternates as ParsedAlternates,
  GrammarItem as ParsedItem,
  GrammarRules as ParsedRules,
} from "../../runtime/constraint/grammar-rules.ts";

/** One character in any of the ranges; if negated, one in none of them. */
export interface Terminal {
  readonly ranges: readonly CharacterRange[];
  readonly isNegated: boolean;
}

/** A reference to a rule, by its number. */
export interface RuleReference {
  readonly rule: number;
}

export type GrammarElement = Terminal | RuleReference;

/** The sequences that a rule can be replaced by. */
type Alternatives = readonly (readonly GrammarElement[])[];

/** A grammar without undefined rules and without left recursion. */
export interface Grammar {
  readonly rules: readonly Alternatives[];
  /** The number of the start rule. */
  readonly root: number;
}

/** Whether an element refers to a rule. */
export function isReference(element: GrammarElement): element is RuleReference {
  return "rule" in element;
}

/** Reads GBNF. Returns the problem instead if the grammar cannot be used. */
export function readGrammar(text: string): Grammar | { readonly problem: string } {
  const problem = grammarProblem(text);
  return problem === undefined ? new GrammarCompiler(parseGrammar(text)).compile() : { problem };
}

/** Numbers the rules, and makes rules of groups and repetitions. */
class GrammarCompiler {
  readonly #parsed: ParsedRules;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #rules: Alternatives[] = [];

  constructor(parsed: ParsedRules) {
    this.#parsed = parsed;
    this.#numbers = new Map([...parsed.keys()].map((name, number) => [name, number]));
  }

  compile(): Grammar {
    this.#rules.push(...[...this.#parsed].map(() => []));
    for (const [name, alternates] of this.#parsed) {
      this.#rules[this.#numberOf(name)] = this.#alternatives(alternates);
    }
    return { rules: this.#rules, root: this.#numberOf("root") };
  }

  #alternatives(alternates: ParsedAlternates): Alternatives {
    return alternates.map((sequence) => sequence.flatMap((item) => this.#repeated(item)));
  }

  /** The item `least` times, then optional rules up to `most`: x{1,3} becomes x (x x?)?. */
  #repeated(item: ParsedItem): readonly GrammarElement[] {
    const once = this.#once(item);
    const elements = Array.from({ length: item.least }, () => once).flat();
    if (item.most === Number.POSITIVE_INFINITY) {
      const rule = this.#newRule();
      this.#rules[rule] = [[...once, { rule }], []];
      return [...elements, { rule }];
    }
    let rest: GrammarElement[] = [];
    for (let count = item.least; count < item.most; count++) {
      const rule = this.#newRule();
      this.#rules[rule] = [[...once, ...rest], []];
      rest = [{ rule }];
    }
    return [...elements, ...rest];
  }

  #once(item: ParsedItem): readonly GrammarElement[] {
    if (item.kind === "class") return [item];
    if (item.kind === "rule") return [{ rule: this.#numberOf(item.name) }];
    if (item.kind === "literal") {
      return item.characters.map((code) => ({ ranges: [[code, code]], isNegated: false }));
    }
    const rule = this.#newRule();
    this.#rules[rule] = this.#alternatives(item.alternates);
    return [{ rule }];
  }

  #numberOf(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  #newRule(): number {
    return this.#rules.push([]) - 1;
  }
}
