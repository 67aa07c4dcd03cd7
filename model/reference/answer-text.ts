/**
 * The text of an answer as it grows, and what of it can be sent: nothing that ends inside of a
 * character, and nothing that may be the beginning of a stop word.
 *
 * Mirrors process_token and find_stopping_strings of examples/server/server.cpp,
 * llama.cpp@1f86f058 (read 2026-11). As there, what is held back at a limit is never sent.
 */

/** Bytes of one answer. */
export class AnswerText {
  /** All of it, up to a stop word. */
  bytes: Buffer = Buffer.alloc(0);
  hasNewLine = false;
  /** The stop word that it ended in. */
  stoppingWord: string | undefined;
  readonly #stops: readonly Buffer[];
  #sent = 0;

  constructor(stops: readonly Buffer[]) {
    this.#stops = stops;
  }

  /** Adds the text of a token. Returns what to send; undefined to say nothing of this token. */
  add(piece: Uint8Array): Buffer | undefined {
    this.bytes = Buffer.concat([this.bytes, piece]);
    if (endsInsideCharacter(this.bytes)) return undefined;
    const unsent = this.bytes.subarray(this.#sent);
    const stop = this.#findStop(unsent, piece.length);
    if (stop) {
      this.stoppingWord = stop.word.toString();
      this.bytes = this.bytes.subarray(0, this.#sent + stop.position);
    } else if (this.#stops.some((word) => endsInBeginningOf(unsent, word))) {
      return Buffer.alloc(0);
    }
    const text = this.bytes.subarray(this.#sent);
    this.#sent += text.length;
    this.hasNewLine ||= text.includes("\n");
    return text;
  }

  /** The first stop word that ends in the last `fresh` bytes. */
  #findStop(text: Buffer, fresh: number): { word: Buffer; position: number } | undefined {
    return this.#stops
      .map((word) => ({
        word,
        position: text.indexOf(word, Math.max(0, text.length - word.length - fresh)),
      }))
      .filter(({ position }) => position >= 0)
      .reduce<{ word: Buffer; position: number } | undefined>(
        (first, stop) => (first && first.position <= stop.position ? first : stop),
        undefined,
      );
  }
}

function endsInBeginningOf(text: Buffer, word: Buffer): boolean {
  for (let length = Math.min(word.length, text.length); length > 0; length--) {
    if (text.subarray(-length).equals(word.subarray(0, length))) return true;
  }
  return false;
}

/** Whether the last character lacks bytes. */
function endsInsideCharacter(bytes: Buffer): boolean {
  for (let back = 1; back < 5 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinuation = byte >> 6 === 0b10;
    if (!isContinuation) return back < characterLength(byte);
  }
  return false;
}

/** Bytes of the character that a byte begins. */
function characterLength(byte: number): number {
  if (byte >> 5 === 0b110) return 2;
  if (byte >> 4 === 0b1110) return 3;
  return byte >> 3 === 0b11110 ? 4 : 1;
}
