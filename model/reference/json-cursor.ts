/** A place in a JSON text, byte by byte, with its line and column for messages. */

const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

/** Reads bytes as characters of Latin-1. */
export class JsonCursor {
  line = 1;
  /** Bytes read of this line; the end of the text counts as one. */
  column = 0;
  readonly #text: string;
  #position = 0;
  /** Where what messages show as read begins. */
  #start = 0;
  /** The column before the last byte read. */
  #previousColumn = 0;

  /** Begins behind a byte order mark. */
  constructor(bytes: Uint8Array) {
    this.#text = Buffer.from(bytes).toString("latin1");
    if (this.#text.startsWith(BYTE_ORDER_MARK)) for (const _ of BYTE_ORDER_MARK) this.get();
  }

  /** Whether the end came first. */
  get isEmpty(): boolean {
    return this.#position === 1 && this.#text === "";
  }

  /** Reads a byte; "" at the end. */
  get(): string {
    const character = this.#text.charAt(this.#position++);
    this.#previousColumn = this.column++;
    if (character === "\n") {
      this.line++;
      this.column = 0;
    }
    return character;
  }

  /** Takes the last byte back; once only. */
  unget(): void {
    if (this.#text.charAt(--this.#position) === "\n") this.line--;
    this.column = this.#previousColumn;
  }

  /** Remembers the last byte as the first of a string or a number. */
  markStart(): void {
    this.#start = this.#position - 1;
  }

  /** All from the start of the last string or number on. */
  marked(): string {
    return this.#text.slice(this.#start, this.#position);
  }

  /** The same as messages show it: control characters by their code points. */
  lastRead(): string {
    const read = Buffer.from(this.marked(), "latin1").toString();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    return read.replace(/[\0-\x1f]/g, (control) => `<${codePoint(control)}>`);
  }
}

/** A character's code point as it is written: U+0009. */
export function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
