import { AppError } from "../errors.ts";
import {
  type Alternates,
  type GrammarItem,
  type GrammarRules,
  parseGrammar,
} from "./grammar-parser.ts";

/** Maximum number of symbols, repetitions written out: the engine searches them at every token. */
const mostSymbols = 50_000;

/** The rule an answer begins with. */
const rootRule = "root";

/**
 * What is wrong with a GBNF grammar, or nothing. llama.cpp answers without a grammar that it cannot
 * use, so all that it would not use has to be found here.
 */
export function grammarProblem(text: string): string | undefined {
  try {
    const rules = parseGrammar(text);
    const canBeEmpty = emptiness(rules);
    return (
      missingRoot(rules) ??
      leftRecursion(rules, canBeEmpty) ??
      unknownRule(rules) ??
      endlessRepetition(rules, canBeEmpty) ??
      tooLarge(rules)
    );
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

function missingRoot(rules: GrammarRules): string | undefined {
  return rules.has(rootRule) ? undefined : `has no rule named \`${rootRule}\``;
}

function unknownRule(rules: GrammarRules): string | undefined {
  for (const alternates of rules.values()) {
    const name = namesIn(alternates).find((candidate) => !rules.has(candidate));
    if (name !== undefined) return `uses the rule \`${name}\`, which it does not define`;
  }
  return undefined;
}

function namesIn(alternates: Alternates): string[] {
  return alternates.flat().flatMap((item) => {
    if (item.kind === "rule") return [item.name];
    return item.kind === "group" ? namesIn(item.alternates) : [];
  });
}

/** `a ::= a "x"`: a rule that begins with itself, if only behind things that may be empty. */
function leftRecursion(rules: GrammarRules, canBeEmpty: IsEmptyItem): string | undefined {
  const state = new Map<string, "open" | "done">();
  const findFrom = (name: string): string | undefined => {
    if (state.get(name) === "done") return undefined;
    if (state.get(name) === "open") return name;
    state.set(name, "open");
    for (const next of leftmostNames(rules.get(name) ?? [], canBeEmpty)) {
      const found = findFrom(next);
      if (found !== undefined) return found;
    }
    state.set(name, "done");
    return undefined;
  };
  for (const name of rules.keys()) {
    const found = findFrom(name);
    if (found !== undefined) return `is left-recursive at the rule \`${found}\``;
  }
  return undefined;
}

/** Rules that a match of `alternates` can begin with. */
function leftmostNames(alternates: Alternates, canBeEmpty: IsEmptyItem): string[] {
  return alternates.flatMap((sequence) => {
    const end = sequence.findIndex((item) => !canBeEmpty(item));
    const first = end === -1 ? sequence : sequence.slice(0, end + 1);
    return first.flatMap((item) => {
      if (item.kind === "rule") return [item.name];
      return item.kind === "group" ? leftmostNames(item.alternates, canBeEmpty) : [];
    });
  });
}

/** `(a?)*`: llama.cpp writes endless repetition as recursion, which must not be left recursion. */
function endlessRepetition(rules: GrammarRules, canBeEmpty: IsEmptyItem): string | undefined {
  const isEndless = (item: GrammarItem): boolean =>
    (item.most === Number.POSITIVE_INFINITY && canBeEmpty({ ...item, least: 1 })) ||
    (item.kind === "group" && item.alternates.flat().some(isEndless));
  for (const [name, alternates] of rules) {
    if (alternates.flat().some(isEndless)) {
      return `repeats without end what may be empty, in the rule \`${name}\``;
    }
  }
  return undefined;
}

type IsEmptyItem = (item: GrammarItem) => boolean;

/**
 * Tells which items may match nothing. A rule is looked at again only when one that it uses turns out
 * to be empty: repeated passes over a chain of thousands would take many seconds.
 */
function emptiness(rules: GrammarRules): IsEmptyItem {
  const emptyRules = new Set<string>();
  const isEmpty: IsEmptyItem = (item) => {
    if (item.least === 0) return true;
    if (item.kind === "rule") return emptyRules.has(item.name);
    if (item.kind === "group") return anyEmpty(item.alternates);
    return item.kind === "literal" && item.characters.length === 0;
  };
  const anyEmpty = (alternates: Alternates) =>
    alternates.some((sequence) => sequence.every(isEmpty));
  const users = usersOf(rules);
  const open = new Set(rules.keys());
  // A set's iteration comes to what is added on the way.
  for (const name of open) {
    open.delete(name);
    if (emptyRules.has(name) || !anyEmpty(rules.get(name) ?? [])) continue;
    emptyRules.add(name);
    for (const user of users.get(name) ?? []) open.add(user);
  }
  return isEmpty;
}

/** Names of rules → the rules that use them. */
function usersOf(rules: GrammarRules): ReadonlyMap<string, ReadonlySet<string>> {
  const users = new Map<string, Set<string>>();
  for (const [user, alternates] of rules) {
    for (const name of namesIn(alternates)) {
      users.set(name, (users.get(name) ?? new Set()).add(user));
    }
  }
  return users;
}

function tooLarge(rules: GrammarRules): string | undefined {
  const symbols = [...rules.values()].reduce((sum, alternates) => sum + symbolsOf(alternates), 0);
  if (symbols <= mostSymbols) return undefined;
  return `is too large: at most ${mostSymbols} symbols, repetitions written out`;
}

function symbolsOf(alternates: Alternates): number {
  return alternates.flat().reduce((sum, item) => {
    const times = Number.isFinite(item.most) ? item.most : item.least + 1;
    return sum + times * symbolsOnce(item);
  }, 1);
}

function symbolsOnce(item: GrammarItem): number {
  if (item.kind === "literal") return item.characters.length;
  return item.kind === "group" ? symbolsOf(item.alternates) + 1 : 1;
}
