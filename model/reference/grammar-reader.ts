/**
 * What llama.cpp asks of a grammar before it uses it.
 *
 * Source: llama_grammar_init_impl of src/llama-grammar.cpp, llama.cpp@1f86f058 (read 2026-11).
 */
import { type Alternatives, type Grammar, type GrammarElement, isReference } from "./grammar.ts";
import { type ParsedGrammar, parseGrammar } from "./grammar-parser.ts";
import { GrammarError } from "./grammar-text.ts";

/** A grammar, or the engine's words on why it is none; the engine goes on without one then. */
export type GrammarReading = { readonly grammar: Grammar } | { readonly refusal: string };

/** Reads a grammar in llama.cpp's notation (GBNF). */
export function readGrammar(text: string): GrammarReading {
  let parsed: ParsedGrammar;
  try {
    parsed = parseGrammar(text);
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    return { refusal: `parse: error parsing grammar: ${error.message}\n` };
  }
  const { rules, names } = parsed;
  if (rules.length === 0) return refuse("failed to parse grammar");
  const root = names.get("root");
  if (root === undefined) return refuse("grammar does not contain a 'root' symbol");
  const recursive = leftRecursiveRule(rules);
  if (recursive === undefined) return { grammar: { rules, root } };
  return {
    // Without a line break, as there.
    refusal: `unsupported grammar, left recursion detected for nonterminal at index ${recursive}`,
  };
}

function refuse(reason: string): GrammarReading {
  return { refusal: `llama_grammar_init_impl: ${reason}\n` };
}

/** The first rule from which a rule leads back to itself before any character. */
function leftRecursiveRule(rules: readonly Alternatives[]): number | undefined {
  const isVisited = new Set<number>();
  const isInProgress = new Set<number>();
  const leadsBack = (rule: number): boolean => {
    if (isInProgress.has(rule)) return true;
    if (isVisited.has(rule)) return false;
    isInProgress.add(rule);
    const found = (rules[rule] ?? []).some((sequence) =>
      leadingRules(sequence, rules).some(leadsBack),
    );
    isInProgress.delete(rule);
    isVisited.add(rule);
    return found;
  };
  const found = rules.findIndex((_, rule) => leadsBack(rule));
  return found < 0 ? undefined : found;
}

/** The rules that can come first in a sequence. One counts as empty if it says so itself. */
function leadingRules(
  sequence: readonly GrammarElement[],
  rules: readonly Alternatives[],
): number[] {
  const leading: number[] = [];
  for (const element of sequence) {
    if (!isReference(element)) break;
    leading.push(element.rule);
    if (!rules[element.rule]?.some((alternative) => alternative.length === 0)) break;
  }
  return leading;
}
