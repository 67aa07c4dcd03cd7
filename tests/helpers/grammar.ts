import { readGrammar } from "../../model/reference/grammar.ts";
import { GrammarState } from "../../model/reference/grammar-state.ts";

/** Where a grammar's text begins; fails for a grammar that the reference engine cannot use. */
export function startOf(text: string): GrammarState {
  const grammar = readGrammar(text);
  if ("problem" in grammar) throw new Error(grammar.problem);
  return GrammarState.start(grammar);
}

/** Whether a grammar lets an answer end with this text. */
export function accepts(grammar: string, text: string): boolean {
  const characters = [...text].map((character) => character.codePointAt(0) ?? 0);
  return characters.reduce((state, next) => state.after(next), startOf(grammar)).mayEnd;
}
