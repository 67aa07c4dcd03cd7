import * as fc from "fast-check";
import { type Json, jsonList, jsonObject, quoted, text, value } from "./json.ts";

const joined = (texts: fc.Arbitrary<string>, between: string, maxLength: number) =>
  fc.array(texts, { minLength: 1, maxLength }).map((parts) => parts.join(between));

const terminal = fc.constantFrom(
  ...['"yes"', '"\\x41é"', "[a-z]", "[^\\n]", "number", "[0-9]{1,3}", '"x"+'],
);
const alternatives = (items: fc.Arbitrary<string>) => joined(joined(items, " ", 3), " | ", 3);
const group = fc
  .tuple(alternatives(terminal), fc.constantFrom("", "?", "{2}"))
  .map(([inner, repetition]) => `(${inner})${repetition}`);

/** GBNF that both engines accept. */
export const validGrammar = alternatives(fc.oneof(terminal, group)).map(
  (expression) => `root ::= ${expression}\nnumber ::= [0-9]+ # digits`,
);

/** What GBNF is made of. */
const fragment = fc.constantFrom(
  ...'root ::= a b ( ) * + ? {2} {0,3} {99999} {3,2} {,1} { " [a-z] [^a] [ ] [] . \\ _'.split(" "),
  ...['"a"', '""', "\\x0", "\\x00", "\\u12", "é", "😀", "\u0000", " ", "\n", "\r\n", "#", "# x\n"],
  ...["|", " | ", "root ::= ", "a ::= b\n"],
);
const rule = fc
  .tuple(fc.constantFrom("a", "b", "root", "rule-1"), fc.constantFrom("a", "b", "root", "rule-1"))
  .map(([from, to]) => `${from} ::= ${to} | "x"`);

/** Text that is nearly, and sometimes, a grammar. */
export const anyGrammar = fc.oneof(
  fc.array(fragment, { maxLength: 40 }).map((fragments) => fragments.join("")),
  fc.tuple(validGrammar, fc.nat(), fragment).map(([grammar, at, inserted]) => {
    const place = at % grammar.length;
    return grammar.slice(0, place) + inserted + grammar.slice(place + 1);
  }),
  fc.array(rule, { maxLength: 12 }).map((rules) => rules.join("\n")),
  text,
);

const bounds = (least: string, most: string) =>
  fc.tuple(fc.nat(5), fc.nat(5)).map(([low, more]) => ({ [least]: low, [most]: low + more }));

/** JSON schemas that can be enforced. */
export const validSchema: fc.Arbitrary<Json> = fc
  .letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<object[]>(
        ...["null", "boolean", "number", ["string", "null", "null"]].map((type) => ({ type })),
        { type: "integer", minimum: 0, title: "t" },
        { type: "string", format: "date" },
        { const: { a: [1, "x"] } },
        {},
      ),
      bounds("minLength", "maxLength").map((lengths) => ({ type: "string", ...lengths })),
      fc
        .array(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minLength: 1, maxLength: 5 })
        .map((values) => ({ enum: values })),
      fc
        .tuple(tie("schema"), bounds("minItems", "maxItems"))
        .map(([items, counts]) => ({ type: "array", items, ...counts })),
      fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc
        .record({
          properties: fc.dictionary(fc.string({ minLength: 1 }), tie("schema"), { maxKeys: 3 }),
          additionalProperties: fc.boolean(),
        })
        .map((schema) => ({
          ...schema,
          type: "object",
          required: Object.keys(schema.properties).slice(0, 2),
        })),
    ),
  }))
  .schema.map((schema) => JSON.stringify(schema));

const keyword = fc.constantFrom(
  ..."type properties required additionalProperties items minItems maxItems minLength".split(" "),
  ..."maxLength enum const anyOf allOf $ref $defs definitions format minimum maximum".split(" "),
  ..."title default oneOf not pattern if prefixItems multipleOf __proto__ constructor".split(" "),
);
const pointer = fc.constantFrom(
  ..."# #/ #/$defs/a #/$defs/b #/items #/anyOf/0 #/$defs/~0~1 #a".split(" "),
);

/** Objects of a schema's keywords, with values that fit and values that do not. */
export const anySchema: fc.Arbitrary<Json> = fc.letrec<{ schema: Json; inner: Json }>((tie) => ({
  schema: fc.array(fc.tuple(keyword, tie("inner")), { maxLength: 5 }).map(jsonObject),
  inner: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    value,
    quoted(pointer),
    fc.constantFrom('"object"', '"array"', '["object","object","array"]', '["a","a","b"]'),
    fc.constantFrom("0", "3", "2000", "true", "false"),
    tie("schema"),
    fc.array(tie("schema"), { maxLength: 3 }).map(jsonList),
    fc.array(fc.tuple(fc.constantFrom("a", "b", "__proto__"), tie("schema"))).map(jsonObject),
  ),
})).schema;
