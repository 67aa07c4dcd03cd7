/**
 * A grammar over tokens: which of them may come next.
 *
 * Mirrors llama_grammar_apply_impl and llama_grammar_accept_impl of src/llama-grammar.cpp,
 * llama.cpp@1f86f058 (read 2026-11).
 */
import { type Grammar, readGrammar } from "./grammar.ts";
import { GrammarState } from "./grammar-state.ts";
import {
  type DecodedToken,
  decodeToken,
  noCharacter,
  type PartialCharacter,
} from "./partial-utf8.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Reads GBNF for a vocabulary; undefined for an empty text. A grammar that cannot be used gives
 * undefined as well, as llama.cpp goes on without it, and a line to `report`: the beginning is
 * llama.cpp's own, the reason is the parser's.
 */
export function readTokenGrammar(
  text: string,
  vocabulary: Vocabulary,
  report: (line: string) => void,
): TokenGrammar | undefined {
  if (text === "") return undefined;
  const grammar = readGrammar(text);
  if (!("problem" in grammar)) return new TokenGrammar(grammar, vocabulary);
  report(`parse: error parsing grammar: ${grammar.problem}\n`);
  return undefined;
}

/** The tokens so far, as a position in a grammar. */
export class TokenGrammar {
  readonly #vocabulary: Vocabulary;
  #state: GrammarState;
  #partial: PartialCharacter = noCharacter;

  constructor(grammar: Grammar, vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#state = GrammarState.start(grammar);
  }

  /** Whether a token may come next. A token that ends the text may where the grammar can end. */
  allows(token: number): boolean {
    if (this.#vocabulary.endOfGeneration.has(token)) return this.#state.mayEnd;
    return this.#allowsText(token, new Map());
  }

  /** Gives every token (vocabulary) that may not come next the score -infinity, in place. */
  restrict(scores: Float32Array): void {
    const { endOfGeneration } = this.#vocabulary;
    const afterFirst = new Map<number, GrammarState>();
    for (let token = 0; token < scores.length; token++) {
      const isAllowed = endOfGeneration.has(token)
        ? this.#state.mayEnd
        : this.#allowsText(token, afterFirst);
      if (!isAllowed) scores[token] = Number.NEGATIVE_INFINITY;
    }
  }

  /** Moves on behind a token. Throws Error, where llama.cpp aborts, if it may not come next. */
  accept(token: number): void {
    if (this.#vocabulary.endOfGeneration.has(token)) {
      if (!this.#state.mayEnd) throw new Error("the grammar allows no token");
      return;
    }
    const decoded = this.#decode(token);
    this.#state = decoded.characters.reduce((state, next) => state.after(next), this.#state);
    this.#partial = decoded.partial;
    if (this.#state.isDead) throw new Error("the grammar allows no token");
  }

  /** `afterFirst` caches the positions behind single characters. */
  #allowsText(token: number, afterFirst: Map<number, GrammarState>): boolean {
    const decoded = this.#decodeOrNothing(token);
    if (!decoded) return false;
    const { characters, partial } = decoded;
    const [first, ...others] = characters;
    let state = this.#state;
    if (first !== undefined) {
      state = afterFirst.get(first) ?? this.#state.after(first);
      afterFirst.set(first, state);
    }
    for (const character of others) {
      if (state.isDead) return false;
      state = state.after(character);
    }
    return partial.remaining > 0 ? state.mayContinueWith(partial) : !state.isDead;
  }

  #decode(token: number): DecodedToken {
    const decoded = this.#decodeOrNothing(token);
    if (!decoded) throw new Error("the grammar allows no token");
    return decoded;
  }

  /** Undefined for a token without text, or with bytes that cannot follow. */
  #decodeOrNothing(token: number): DecodedToken | undefined {
    const bytes = this.#vocabulary.bytesOf(token, true);
    const nul = bytes.indexOf(0);
    const text = nul < 0 ? bytes : bytes.subarray(0, nul);
    return text.length === 0 ? undefined : decodeToken(text, this.#partial);
  }
}
