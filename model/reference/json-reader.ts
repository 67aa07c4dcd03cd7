/**
 * Text to JSON values, with the complaints of the engine's library about text that is none.
 *
 * Source: the parser of nlohmann/json 3.11 (common/json.hpp of llama.cpp@1f86f058, read 2026-11).
 */
import { JsonScanner, type JsonToken } from "./json-scanner.ts";
import { JsonError, type JsonObject, type JsonValue } from "./json-value.ts";

/** Reads one JSON value. Throws JsonError. */
export function readJson(bytes: Uint8Array): JsonValue {
  const parser = new JsonParser(new JsonScanner(bytes));
  const value = parser.value(parser.next());
  parser.expect("end", parser.next(), "value");
  return value;
}

const LITERAL = "'[', '{', or a literal";

/** Tokens as messages name them. */
const NAMES: Readonly<Record<JsonToken["kind"], string>> = {
  "{": "'{'",
  "}": "'}'",
  "[": "'['",
  "]": "']'",
  ":": "':'",
  ",": "','",
  true: "true literal",
  false: "false literal",
  null: "null literal",
  string: "string literal",
  number: "number literal",
  end: "end of input",
  error: "<parse error>",
};

class JsonParser {
  readonly #scanner: JsonScanner;

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  next(): JsonToken {
    return this.#scanner.next();
  }

  /** The value that begins with a token. */
  value(token: JsonToken): JsonValue {
    switch (token.kind) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case "string":
      case "number":
        return token.value;
      case "true":
      case "false":
        return token.kind === "true";
      case "null":
        return null;
      case "error":
        return this.#fail(token, "value");
      default:
        if (token.kind === "end" && this.#scanner.cursor.isEmpty) return this.#failEmpty();
        return this.#fail(token, "value", LITERAL);
    }
  }

  expect<Kind extends JsonToken["kind"]>(
    kind: Kind,
    token: JsonToken,
    context: string,
  ): JsonToken & { kind: Kind } {
    if (token.kind === kind) return token as JsonToken & { kind: Kind };
    return this.#fail(token, context, NAMES[kind]);
  }

  #object(): JsonObject {
    const object: JsonObject = new Map();
    let token = this.next();
    if (token.kind === "}") return object;
    for (;;) {
      const key = this.expect("string", token, "object key").value;
      this.expect(":", this.next(), "object separator");
      object.set(key, this.value(this.next()));
      token = this.next();
      if (token.kind !== ",") break;
      token = this.next();
    }
    this.expect("}", token, "object");
    return object;
  }

  #array(): JsonValue[] {
    const array: JsonValue[] = [];
    let token = this.next();
    if (token.kind === "]") return array;
    for (;;) {
      array.push(this.value(token));
      token = this.next();
      if (token.kind !== ",") break;
      token = this.next();
    }
    this.expect("]", token, "array");
    return array;
  }

  #fail(token: JsonToken, context: string, expected?: string): never {
    const found =
      token.kind === "error"
        ? `${token.message}; last read: '${this.#scanner.cursor.lastRead()}'`
        : `unexpected ${NAMES[token.kind]}`;
    const wanted = expected === undefined ? "" : `; expected ${expected}`;
    return this.#throw(`syntax error while parsing ${context} - ${found}${wanted}`);
  }

  #failEmpty(): never {
    return this.#throw(
      "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
    );
  }

  #throw(problem: string): never {
    const { line, column } = this.#scanner.cursor;
    throw new JsonError(
      `[json.exception.parse_error.101] parse error at line ${line}, column ${column}: ${problem}`,
    );
  }
}
