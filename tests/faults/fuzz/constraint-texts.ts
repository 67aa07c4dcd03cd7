import * as fc from "fast-check";
import { type JsonText, listText, objectText, text, value } from "./json-texts.ts";

const name = fc.constantFrom("a", "b", "root", "rule-1", "X");

/** GBNF that both engines can use. */
export const validGrammar: fc.Arbitrary<string> = fc
  .letrec<{ expression: string; item: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      tie("item"),
      fc.tuple(tie("item"), tie("expression")).map(([first, rest]) => `${first} ${rest}`),
      fc.tuple(tie("item"), tie("expression")).map(([first, rest]) => `${first} | ${rest}`),
    ),
    item: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom('"yes"', '"\\x41é"', "[a-z]", "[^\\n]", "number", "[0-9]{1,3}", '"x"+'),
      tie("expression").map((inner) => `(${inner})`),
      tie("expression").map((inner) => `(${inner}){2}`),
    ),
  }))
  .expression.map((expression) => `root ::= ${expression}\nnumber ::= [0-9]+ # digits`);

/** What GBNF is made of, put together anyhow. */
const grammarPieces = [
  ..."root|::=|a|b|(|)|*|+|?|{2}|{0,3}|{99999}|{3,2}|{,1}|{".split("|"),
  ...['"a"', '""', '"', "[a-z]", "[^a]", "[", "]", "[]", ".", "\\", "\\x0", "\\x00", "\\u12"],
  ...[
    " ",
    "\n",
    "\r\n",
    "#",
    "# x\n",
    "|",
    " | ",
    "root ::= ",
    "a ::= b\n",
    "é",
    "\u0000",
    "😀",
    "_",
  ],
] as const;

/** Text that is nearly, and sometimes, a grammar. */
export const anyGrammar = fc.oneof(
  fc.array(fc.constantFrom(...grammarPieces), { maxLength: 40 }).map((pieces) => pieces.join("")),
  fc
    .tuple(validGrammar, fc.nat(), fc.constantFrom(...grammarPieces))
    .map(([grammar, at, piece]) => {
      const place = at % grammar.length;
      return grammar.slice(0, place) + piece + grammar.slice(place + 1);
    }),
  fc
    .array(fc.tuple(name, name), { maxLength: 12 })
    .map((rules) => rules.map(([from, to]) => `${from} ::= ${to} | "x"`).join("\n")),
  text,
);

const bounded = (least: string, most: string) =>
  fc
    .tuple(fc.nat(5), fc.nat(5))
    .map(([low, more]) => ({ [least]: low, [most]: low + more }) as object);

/** JSON schemas that can be enforced. */
export const validSchema: fc.Arbitrary<object> = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(
      { type: "null" },
      { type: "boolean" },
      { type: "integer", minimum: 0 },
      { type: "number", title: "t" },
      { type: ["string", "null", "null"] },
      { type: "string", format: "date" },
      { const: { a: [1, "x"] } },
      {},
    ),
    bounded("minLength", "maxLength").map((lengths) => ({ type: "string", ...lengths })),
    fc
      .array(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minLength: 1, maxLength: 5 })
      .map((values) => ({ enum: values })),
    fc
      .tuple(tie("schema"), bounded("minItems", "maxItems"))
      .map(([items, counts]) => ({ type: "array", items, ...counts })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc
      .tuple(
        fc.dictionary(fc.string({ minLength: 1 }), tie("schema"), { maxKeys: 3 }),
        fc.boolean(),
      )
      .map(([properties, isStrict]) => ({
        type: "object",
        properties,
        required: Object.keys(properties).slice(0, 2),
        additionalProperties: !isStrict,
      })),
  ),
})).schema;

const keywords = [
  ..."type properties required additionalProperties items minItems maxItems minLength".split(" "),
  ..."maxLength enum const anyOf allOf $ref $defs definitions format minimum maximum".split(" "),
  ..."title default oneOf not pattern if prefixItems multipleOf __proto__ constructor".split(" "),
] as const;

const pointers = [
  "#",
  "#/",
  "#/$defs/a",
  "#/$defs/b",
  "#/items",
  "#/anyOf/0",
  "#/$defs/~0~1",
  "#a",
];

/** Objects made of a schema's keywords, with values that fit and values that do not. */
export const anySchema: fc.Arbitrary<JsonText> = fc.letrec<{ schema: JsonText }>((tie) => ({
  schema: fc
    .array(
      fc.record({
        key: fc.constantFrom(...keywords),
        json: fc.oneof(
          { maxDepth: 4, withCrossShrink: true },
          value,
          fc.constantFrom(...pointers).map((pointer) => JSON.stringify(pointer)),
          fc.constantFrom('"object"', '"array"', '["object","object","array"]', "0", "3", "2000"),
          fc.constantFrom('["a","a","b"]', "true", "false"),
          tie("schema"),
          fc.array(tie("schema"), { maxLength: 3 }).map(listText),
          fc
            .array(fc.record({ key: fc.constantFrom("a", "b", "__proto__"), json: tie("schema") }))
            .map(objectText),
        ),
      }),
      { maxLength: 5 },
    )
    .map(objectText),
})).schema;
