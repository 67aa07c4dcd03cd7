/**
 * Text to tokens, by byte-level byte pair encoding with Llama 3's rules:
 *
 *   1. special tokens written out in the text are cut out of it;
 *   2. the rest is split into words by a regular expression;
 *   3. a word that is a token as it stands becomes that token;
 *   4. any other starts as single characters, of which the best-ranked neighbours merge again and
 *      again, until no merge is left.
 *
 * Source: src/llama-vocab.cpp of llama.cpp@1f86f058 (LLAMA_VOCAB_PRE_TYPE_LLAMA3; read 2026-11).
 */
import { bytesToAlphabet } from "../formats/byte-alphabet.ts";
import { mergeSymbols } from "./byte-pair-merges.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Llama 3's words: a contraction; letters with at most one other character before them; up to
 * three digits; punctuation with the line breaks behind it; line breaks; white space.
 */
const wordPattern =
  /(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;

/** A prompt to tokens: special tokens are parsed, and the beginning-of-text token comes first. */
export function tokenizePrompt(text: string, vocabulary: Vocabulary): number[] {
  const start = vocabulary.addsBeginningOfText ? [vocabulary.beginningOfText] : [];
  return [...start, ...tokenize(text, vocabulary)];
}

/** Text to tokens, special tokens parsed, none added. */
export function tokenize(text: string, vocabulary: Vocabulary): number[] {
  return cutSpecialTokens(text, vocabulary).flatMap((piece) =>
    typeof piece === "number" ? [piece] : encodeText(piece, vocabulary),
  );
}

/**
 * The token that llama.cpp takes for a line feed and does not penalize: by mistake, the first byte
 * of the letter that the byte alphabet writes for a line feed.
 */
export function lineFeedToken(vocabulary: Vocabulary): number {
  return encodeText("\u010a", vocabulary)[0] ?? -1;
}

/** Text without special tokens to tokens. */
function encodeText(text: string, vocabulary: Vocabulary): number[] {
  const words = text.match(wordPattern) ?? [];
  return words.flatMap((word) => encodeWord(bytesToAlphabet(Buffer.from(word)), vocabulary));
}

function encodeWord(word: string, { tokens, mergeRanks }: Vocabulary): number[] {
  const whole = tokens.get(word);
  if (whole !== undefined) return [whole];
  return mergeSymbols([...word], mergeRanks).flatMap((symbol) => tokens.get(symbol) ?? []);
}

/** Splits at every special token, longer ones first, so that none hides inside another. */
function cutSpecialTokens(text: string, { special }: Vocabulary): (string | number)[] {
  let pieces: (string | number)[] = [text];
  for (const { token, text: mark } of special) {
    if (!text.includes(mark)) continue;
    pieces = pieces.flatMap((piece) =>
      typeof piece === "number" ? [piece] : join(piece.split(mark), token),
    );
  }
  return pieces.filter((piece) => piece !== "");
}

function join(texts: readonly string[], token: number): (string | number)[] {
  return texts.flatMap((text, index) => (index === 0 ? [text] : [token, text]));
}
