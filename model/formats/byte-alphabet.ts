/**
 * GPT-2's byte alphabet, one printable character for each byte. Printable Latin-1 stands for itself;
 * the 68 others follow, in order, from U+0100 on. A space is "Ġ", a newline "Ċ".
 *
 * Source: openai/gpt-2@9b63575 src/encoder.py, bytes_to_unicode.
 */
const printableRanges: readonly [first: number, last: number][] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

const characters: string[] = [];
const bytesByCharacter = new Map<string, number>();
for (let byte = 0, spare = 0x100; byte < 256; byte++) {
  const isPrintable = printableRanges.some(([first, last]) => byte >= first && byte <= last);
  const character = String.fromCharCode(isPrintable ? byte : spare++);
  characters.push(character);
  bytesByCharacter.set(character, byte);
}

/** Bytes to text, one character each. */
export function bytesToAlphabet(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += characters[byte];
  return text;
}

/** Text to bytes. A character outside the alphabet stands for its own UTF-8. */
export function alphabetToBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = bytesByCharacter.get(character);
    if (byte === undefined) bytes.push(...Buffer.from(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
