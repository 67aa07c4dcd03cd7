/**
 * The characters of a token, which may begin and end inside of one.
 *
 * Source: decode_utf8 of src/llama-grammar.cpp, llama.cpp@1f86f058 (read 2026-11). As there, what
 * follows a first byte within a token is not checked to be a continuation.
 */

/** A character of which `remaining` bytes are missing, and the bits that are known. */
export interface PartialCharacter {
  readonly value: number;
  /** 0 when no character is begun. */
  readonly remaining: number;
}

/** No character begun. */
export const noCharacter: PartialCharacter = { value: 0, remaining: 0 };

/** Whole characters as code points, and the one that is left unfinished. */
export interface DecodedToken {
  readonly characters: readonly number[];
  readonly partial: PartialCharacter;
}

/** Bytes that a character has, by the upper half of its first; 0 for what begins none. */
const lengthsByHighBits = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 4];

/** Decodes a token behind an unfinished character; undefined when no text has these bytes. */
export function decodeToken(bytes: Uint8Array, before: PartialCharacter): DecodedToken | undefined {
  const characters: number[] = [];
  let { value, remaining } = before;
  for (const byte of bytes) {
    const continues = remaining > 0;
    // Only the rest of an earlier token's character is checked.
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
