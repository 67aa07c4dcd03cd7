/**
 * JSON text to tokens, byte by byte, with a count of lines and columns for messages: see
 * `json-reader.ts`.
 */

import { codePoint, JsonCursor } from "./json-cursor.ts";

/** One token. */
export type JsonToken =
  | { readonly kind: "{" | "}" | "[" | "]" | ":" | "," | "true" | "false" | "null" | "end" }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: bigint | number }
  | { readonly kind: "error"; readonly message: string };

const MARKS: ReadonlySet<string> = new Set(["{", "}", "[", "]", ":", ","]);
const LITERALS: Readonly<Record<string, "true" | "false" | "null">> = {
  t: "true",
  f: "false",
  n: "null",
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
/** Names of the control characters, in order, and how those with a short escape are written. */
// biome-ignore format: one list
const CONTROLS = [
  "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO",
  "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS",
  "GS", "RS", "US",
];
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  BS: " or \\b",
  HT: " or \\t",
  LF: " or \\n",
  FF: " or \\f",
  CR: " or \\r",
};

/** What a string or a number is no good for. */
class ScanError extends Error {
  override readonly name = "ScanError";
}

/** Reads tokens one after the other. */
export class JsonScanner {
  readonly #cursor: JsonCursor;

  constructor(bytes: Uint8Array) {
    this.#cursor = new JsonCursor(bytes);
  }

  /** What was read so far, for messages. */
  get cursor(): JsonCursor {
    return this.#cursor;
  }

  /** The next token; the end comes again and again. */
  next(): JsonToken {
    let character = this.#cursor.get();
    while (/^[ \t\n\r]$/.test(character)) character = this.#cursor.get();
    if (MARKS.has(character)) return { kind: character as "{" };
    const literal = LITERALS[character];
    try {
      if (literal) return this.#literal(literal);
      if (character === '"') return { kind: "string", value: this.#string() };
      if (/^[-0-9]$/.test(character)) return { kind: "number", value: this.#number(character) };
    } catch (error) {
      if (error instanceof ScanError) return { kind: "error", message: error.message };
      throw error;
    }
    if (character === "" || character === "\0") return { kind: "end" };
    return { kind: "error", message: "invalid literal" };
  }

  #literal(literal: "true" | "false" | "null"): JsonToken {
    for (const character of literal.slice(1)) {
      if (this.#cursor.get() !== character) throw new ScanError("invalid literal");
    }
    return { kind: literal };
  }

  #string(): string {
    this.#cursor.markStart();
    let value = "";
    for (;;) {
      const character = this.#cursor.get();
      if (character === '"') return this.#wellFormed(value);
      if (character === "") throw new ScanError("invalid string: missing closing quote");
      if (character < " ") throw new ScanError(unescapedControl(character));
      value += character === "\\" ? this.#escape() : character;
    }
  }

  #wellFormed(value: string): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        Buffer.from(value, "latin1"),
      );
    } catch {
      throw new ScanError("invalid string: ill-formed UTF-8 byte");
    }
  }

  /** What an escape stands for, a character a byte. */
  #escape(): string {
    const letter = this.#cursor.get();
    if (letter !== "u") {
      const plain = ESCAPES[letter];
      if (plain !== undefined) return plain;
      throw new ScanError("invalid string: forbidden character after backslash");
    }
    const unit = this.#hex();
    if (isLowSurrogate(unit)) {
      throw new ScanError("invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF");
    }
    if (unit < 0xd800 || unit > 0xdbff) return latin1(String.fromCharCode(unit));
    const second = this.#cursor.get() === "\\" && this.#cursor.get() === "u" ? this.#hex() : 0;
    if (isLowSurrogate(second)) return latin1(String.fromCharCode(unit, second));
    throw new ScanError(
      "invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF",
    );
  }

  #hex(): number {
    let digits = "";
    for (let count = 0; count < 4; count++) {
      const digit = this.#cursor.get();
      if (!/^[0-9a-fA-F]$/.test(digit)) {
        throw new ScanError("invalid string: '\\u' must be followed by 4 hex digits");
      }
      digits += digit;
    }
    return Number.parseInt(digits, 16);
  }

  #number(first: string): bigint | number {
    this.#cursor.markStart();
    let next = first === "-" ? this.#digit("'-'") : first;
    next = next === "0" ? this.#cursor.get() : this.#digits();
    const isInteger = next !== "." && !/^[eE]$/.test(next);
    if (next === ".") {
      this.#digit("'.'");
      next = this.#digits();
    }
    if (/^[eE]$/.test(next)) {
      this.#exponent();
      this.#digits();
    }
    this.#cursor.unget();
    const text = this.#cursor.marked();
    return isInteger ? integer(text) : Number(text);
  }

  #exponent(): void {
    const character = this.#cursor.get();
    if (/^[-+]$/.test(character)) this.#digit("exponent sign");
    else if (!/^[0-9]$/.test(character)) {
      throw new ScanError("invalid number; expected '+', '-', or digit after exponent");
    }
  }

  #digit(after: string): string {
    const digit = this.#cursor.get();
    if (/^[0-9]$/.test(digit)) return digit;
    throw new ScanError(`invalid number; expected digit after ${after}`);
  }

  /** Reads on to what is no digit. */
  #digits(): string {
    let character = this.#cursor.get();
    while (/^[0-9]$/.test(character)) character = this.#cursor.get();
    return character;
  }
}

/** An integer of 64 bits, signed or not; a larger one is a real number. */
function integer(text: string): bigint | number {
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : Number(text);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function unescapedControl(control: string): string {
  const name = CONTROLS[control.charCodeAt(0)] ?? "";
  const code = codePoint(control);
  const written = `\\u${code.slice(2)}${SHORT_ESCAPES[name] ?? ""}`;
  return `invalid string: control character ${code} (${name}) must be escaped to ${written}`;
}

/** Text to its UTF-8, a character a byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
