/** A place in a grammar's text, and what can be read there. See `grammar-parser.ts`. */

/** Why a text is no grammar. */
export class GrammarError extends Error {
  override readonly name = "GrammarError";
}

const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  r: "\r",
  n: "\n",
  "\\": "\\",
  '"': '"',
  "[": "[",
  "]": "]",
};

/** Reads a grammar's text from its beginning on. */
export class GrammarText {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    // A NUL ends a text of C.
    this.#text = text.split("\0", 1)[0] ?? "";
  }

  /** Passes one character. */
  skip(): void {
    this.#position++;
  }

  /** Passes blanks and comments, and line breaks if asked. */
  skipSpace(withLineBreaks: boolean): void {
    this.match(withLineBreaks ? /(?:[ \t\r\n]|#[^\r\n]*)*/y : /(?:[ \t]|#[^\r\n]*)*/y);
  }

  /** The next character; "" at the end. */
  peek(): string {
    return this.#text.charAt(this.#position);
  }

  /** Reads what a sticky pattern matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  /** Throws GrammarError, with the rest of the text or without. */
  fail(message: string, showsRest = true): never {
    throw new GrammarError(message + (showsRest ? this.#text.slice(this.#position) : ""));
  }

  /** One character, written plainly or escaped, as a code point. */
  character(): number {
    const digits = HEX_ESCAPES[this.#text[this.#position + 1] ?? ""];
    if (this.peek() !== "\\") {
      const plain = this.match(/./suy);
      return plain?.codePointAt(0) ?? this.fail("unexpected end of input", false);
    }
    if (digits !== undefined) return this.#hex(digits);
    const escaped = ESCAPES[this.#text[this.#position + 1] ?? ""];
    if (escaped === undefined) this.fail("unknown escape at ");
    this.#position += 2;
    return escaped.charCodeAt(0);
  }

  #hex(digits: number): number {
    this.#position += 2;
    const text = this.#text.slice(this.#position, this.#position + digits);
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) {
      this.fail(`expecting ${digits} hex chars at `);
    }
    this.#position += digits;
    return Number.parseInt(text, 16);
  }
}
