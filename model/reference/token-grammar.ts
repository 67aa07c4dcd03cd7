/**
 * A grammar over tokens: which of them may come next. As llama_grammar_apply_impl,
 * llama_grammar_accept_impl and decode_utf8 of src/llama-grammar.cpp, llama.cpp@1f86f058 (read
 * 2026-11).
 */
import { type GrammarRule, readGrammar } from "./grammar.ts";
import { GrammarState, type PartialCharacter } from "./grammar-state.ts";
import { untilNul, type Vocabulary } from "./vocabulary.ts";

/**
 * Reads GBNF for a vocabulary; undefined for an empty text. As in llama.cpp, a grammar that cannot
 * be used is left out, with a line to `report`.
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
  #partial: PartialCharacter = { value: 0, remaining: 0 };

  constructor(grammar: GrammarRule, vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#state = GrammarState.start(grammar);
  }

  /** Whether a token may come next. A token that ends the text may where the grammar can end. */
  allows(token: number): boolean {
    if (this.#vocabulary.endOfGeneration.has(token)) return this.#state.mayEnd;
    const decoded = this.#decode(token);
    if (!decoded) return false;
    const { characters, partial } = decoded;
    const state = characters.reduce((before, next) => before.after(next), this.#state);
    return partial.remaining > 0 ? state.mayContinueWith(partial) : !state.isDead;
  }

  /** Gives every token (vocabulary) that may not come next the score -infinity, in place. */
  restrict(scores: Float32Array): void {
    for (let token = 0; token < scores.length; token++) {
      if (!this.allows(token)) scores[token] = Number.NEGATIVE_INFINITY;
    }
  }

  /** Moves on behind a token. Throws Error, where llama.cpp aborts, if it may not come next. */
  accept(token: number): void {
    const isEnd = this.#vocabulary.endOfGeneration.has(token);
    const decoded = isEnd ? undefined : this.#decode(token);
    if (decoded) {
      this.#state = decoded.characters.reduce((before, next) => before.after(next), this.#state);
      this.#partial = decoded.partial;
    }
    const isAllowed = isEnd ? this.#state.mayEnd : decoded && !this.#state.isDead;
    if (!isAllowed) throw new Error("the grammar allows no token");
  }

  /** Undefined for a token without text, or with bytes that cannot follow. */
  #decode(token: number): DecodedToken | undefined {
    const text = untilNul(this.#vocabulary.bytesOf(token, true));
    return text.length === 0 ? undefined : decodeToken(text, this.#partial);
  }
}

/** Whole characters as code points, and the one that is left unfinished. */
interface DecodedToken {
  readonly characters: readonly number[];
  readonly partial: PartialCharacter;
}

/** Bytes that a character has, by the upper half of its first; 0 for what begins none. */
const lengthsByHighBits = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 4];

/** Decodes a token behind an unfinished character; undefined when no text has these bytes. */
function decodeToken(bytes: Uint8Array, before: PartialCharacter): DecodedToken | undefined {
  const characters: number[] = [];
  let { value, remaining } = before;
  for (const byte of bytes) {
    const continues = remaining > 0;
    // As in llama.cpp, only the rest of an earlier token's character is checked.
    if (continues && characters.length === 0 && before.remaining > 0 && byte >> 6 !== 2) {
      return undefined;
    }
    const length = lengthsByHighBits[byte >> 4] ?? 0;
    if (!continues && length === 0) return undefined;
    remaining = continues ? remaining - 1 : length - 1;
    value = continues ? (value << 6) + (byte & 0x3f) : byte & ((1 << (8 - length)) - 1);
    if (remaining === 0) characters.push(value);
  }
  return { characters, partial: { value, remaining } };
}
