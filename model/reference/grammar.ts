/** A grammar as the automaton of `grammar-state.ts` runs it: no repetitions left. */
// The one import of runtime/ in model/: there is one parser of GBNF, and the runtime needs it in
// the function, where model/ is not.
import { grammarProblem } from "../../runtime/constraint/grammar.ts";
import {
  type CharacterRange,
  type Alternates as ParsedAlternates,
  type GrammarItem as ParsedItem,
  parseGrammar,
} from "../../runtime/constraint/grammar-parser.ts";

/** One character in any of the ranges; if negated, one in none of them. */
export interface Terminal {
  readonly ranges: readonly CharacterRange[];
  readonly isNegated: boolean;
}

export type GrammarElement = Terminal | GrammarRule;

/** A rule, and the sequences that it can be replaced by. None begins with the rule itself. */
export interface GrammarRule {
  alternatives: readonly (readonly GrammarElement[])[];
}

/** Whether an element is a rule. */
export function isRule(element: GrammarElement): element is GrammarRule {
  return "alternatives" in element;
}

/** Reads GBNF to its start rule. Returns the problem instead if the grammar cannot be used. */
export function readGrammar(text: string): GrammarRule | { readonly problem: string } {
  const problem = grammarProblem(text);
  if (problem !== undefined) return { problem };
  const parsed = parseGrammar(text);
  const rules = new Map([...parsed.keys()].map((name) => [name, emptyRule()]));
  const ruleOf = (name: string) => rules.get(name) ?? emptyRule();
  for (const [name, alternates] of parsed) {
    ruleOf(name).alternatives = compile(alternates, ruleOf);
  }
  return ruleOf("root");
}

function emptyRule(): GrammarRule {
  return { alternatives: [] };
}

function compile(alternates: ParsedAlternates, ruleOf: (name: string) => GrammarRule) {
  return alternates.map((sequence) =>
    sequence.flatMap((item) => repeat(item, compileItem(item, ruleOf))),
  );
}

function compileItem(item: ParsedItem, ruleOf: (name: string) => GrammarRule): GrammarElement[] {
  switch (item.kind) {
    case "class":
      return [item];
    case "rule":
      return [ruleOf(item.name)];
    case "literal":
      return item.characters.map((code) => ({ ranges: [[code, code]], isNegated: false }));
    default:
      return [{ alternatives: compile(item.alternates, ruleOf) }];
  }
}

/** Elements `least` times, then optional rules up to `most`: x{1,3} becomes x (x x?)?. */
function repeat({ least, most }: ParsedItem, once: readonly GrammarElement[]): GrammarElement[] {
  const required = Array.from({ length: least }, () => once).flat();
  if (most === Number.POSITIVE_INFINITY) {
    const rule = emptyRule();
    rule.alternatives = [[...once, rule], []];
    return [...required, rule];
  }
  let rest: GrammarElement[] = [];
  for (let count = least; count < most; count++) {
    rest = [{ alternatives: [[...once, ...rest], []] }];
  }
  return [...required, ...rest];
}
