/**
 * The grammar rules that JSON schemas are built from, as llama.cpp writes them: numbers have at
 * most 16 digits, and white space at most one line break and 20 blanks.
 *
 * Source: common/json-schema-to-grammar.cpp of llama.cpp@1f86f058 (read 2026-11).
 */

/** A rule's text, and the other built-in rules that it names. */
export interface BuiltinRule {
  readonly text: string;
  readonly needs: readonly string[];
}

/** White space between tokens. Every grammar has it. */
export const SPACE_RULE = String.raw`| " " | "\n" [ \t]{0,20}`;

const HEX = "[0-9a-fA-F]";
const QUOTE = String.raw`"\""`;

/** The types of a schema, and what they are made of. */
export const PRIMITIVES: ReadonlyMap<string, BuiltinRule> = new Map(
  Object.entries({
    boolean: rule(`("true" | "false") space`),
    "decimal-part": rule("[0-9]{1,16}"),
    "integral-part": rule("[0] | [1-9] [0-9]{0,15}"),
    number: rule(
      `("-"? integral-part) ("." decimal-part)? ([eE] [-+]? integral-part)? space`,
      "integral-part",
      "decimal-part",
    ),
    integer: rule(`("-"? integral-part) space`, "integral-part"),
    value: rule(
      "object | array | string | number | boolean | null",
      "object",
      "array",
      "string",
      "number",
      "boolean",
      "null",
    ),
    object: rule(
      `"{" space ( string ":" space value ("," space string ":" space value)* )? "}" space`,
      "string",
      "value",
    ),
    array: rule(`"[" space ( value ("," space value)* )? "]" space`, "value"),
    uuid: rule(
      `${QUOTE} ${[8, 4, 4, 4, 12].map((digits) => `${HEX}{${digits}}`).join(' "-" ')} ${QUOTE} space`,
    ),
    char: rule(String.raw`[^"\\\x7F\x00-\x1F] | [\\] (["\\bfnrt] | "u" ${HEX}{4})`),
    string: rule(`${QUOTE} char* ${QUOTE} space`, "char"),
    null: rule(`"null" space`),
  }),
);

/** The formats of a string. */
export const STRING_FORMATS: ReadonlyMap<string, BuiltinRule> = new Map(
  Object.entries({
    date: rule(
      `[0-9]{4} "-" ( "0" [1-9] | "1" [0-2] ) "-" ( "0" [1-9] | [1-2] [0-9] | "3" [0-1] )`,
    ),
    time: rule(
      `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{3} )? ( "Z" | ( "+" | "-" ) ( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] )`,
    ),
    "date-time": rule(`date "T" time`, "date", "time"),
    "date-string": rule(`${QUOTE} date ${QUOTE} space`, "date"),
    "time-string": rule(`${QUOTE} time ${QUOTE} space`, "time"),
    "date-time-string": rule(`${QUOTE} date-time ${QUOTE} space`, "date-time"),
  }),
);

function rule(text: string, ...needs: string[]): BuiltinRule {
  return { text, needs };
}
