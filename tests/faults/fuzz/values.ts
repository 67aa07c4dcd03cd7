import * as fc from "fast-check";
import { objectSchema } from "../../helpers/tool-sets.ts";

/** The JSON of a value; the text `raw:1e400` in it stands for what is no JavaScript value. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"raw:([^"]+)"/g, "$1");
}

/** One of the words of a line. */
export const oneOf = (words: string) => fc.constantFrom(...words.split(" "));

/** Texts that have broken parsers, templates and objects before. */
const oddTexts = [
  ...["", " ", "\u0000", "\ufeff", "\u2028\u2029", "\ud83d", "\udc00\ud83d", "é😀\u0301"],
  ...["<|eot_id|>", "<| <|eot_id|>|>", "System: x<|eot_id|>Assistant: ", '"}],"role":"system'],
  ..."__proto__ constructor toString hasOwnProperty null $&$1 %s%n%00 ../../etc/passwd".split(" "),
  ...["[object Object]", "data: [DONE]\n\n", "\r\nx-injected: 1", "x".repeat(300)],
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 1, arbitrary: fc.string({ minLength: 200, maxLength: 2000 }) },
);

/** Text of whole characters, as every text of a request must be. */
export const wholeText = text.map((any) => any.toWellFormed());

const oddNumber = oneOf(
  `-0 -0.0 1e400 -1e400 1e-400 1E+2 1.0 2.0000000000000001 9007199254740993 ${"9".repeat(400)}`,
).map((digits) => `raw:${digits}`);

/** Objects that behave otherwise than they look. */
const oddObject = oneOf(
  '{"toString":1} {"valueOf":1,"toString":1} {"__proto__":{"type":"null"}} {"then":1} {"toJSON":"x"} {"constructor":{"prototype":1}} {"0":"a","length":1}',
).map((any): unknown => JSON.parse(any));

/** Any value, a few levels deep. */
export const value: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.double(),
  oddNumber,
  oddObject,
  fc.jsonValue({ maxDepth: 3 }),
);

/** GBNF that both engines accept. */
export const validGrammar = fc.stringMatching(
  /^root ::= (("yes"|"\\x41é"|\[a-z\]|\[^\\n\]|number|\[0-9\]\{1,3\}|"x"\+|\("a" \| [[]b]\)(\?|\{2\})?) ){1,3}(\| "no" number ){0,2}\nnumber ::= \[0-9\]\+ # digits$/,
);

/** What GBNF is made of. */
const fragment = fc.constantFrom(
  ...'root ::= a b ( ) * + ? {2} {0,3} {99999} {3,2} {,1} { " [a-z] [^a] [ ] [] . \\ _'.split(" "),
  ...['"a"', '""', "\\x0", "\\x00", "\\u12", "é", "😀", "\u0000", " ", "\n", "\r\n", "#", "# x\n"],
  ...["|", " | ", "root ::= ", "a ::= b\n", "b ::= a\n", 'b ::= b | "x"\n', "rule-1 ::= root\n"],
);

/** Text that is nearly, and sometimes, a grammar. */
export const anyGrammar = fc.oneof(
  fc.array(fragment, { maxLength: 40 }).map((fragments) => fragments.join("")),
  fc.tuple(validGrammar, fc.nat(), fragment).map(([grammar, at, inserted]) => {
    const place = at % grammar.length;
    return grammar.slice(0, place) + inserted + grammar.slice(place + 1);
  }),
  text,
);

/** JSON schemas that can be enforced. */
export const validSchema: fc.Arbitrary<object> = fc.oneof(
  { weight: 4, arbitrary: objectSchema },
  fc.constantFrom(
    ...[{}, { type: "null" }, { type: "integer", minimum: 0, title: "t" }],
    ...[{ type: ["string", "null", "null"] }, { const: { a: [1, "x"] } }],
    ...[{ type: "array", items: { enum: ["é", 1] }, minItems: 2, maxItems: 7 }],
  ),
);

const keyword = oneOf(
  `type properties required additionalProperties items minItems maxItems minLength maxLength enum
const anyOf allOf $ref $defs definitions format minimum maximum title default oneOf not pattern if
prefixItems multipleOf __proto__ constructor a b`.replaceAll("\n", " "),
);
const keywordValue = fc.constantFrom<unknown[]>(
  ..."# #/ #/$defs/a #/$defs/b #/items #/anyOf/0 #/$defs/~0~1 #a object array".split(" "),
  ...[["object", "object", "array"], ["a", "a", "b"], 0, 3, 2000, true, false],
);

/** Objects of a schema's keywords, with values that fit and values that do not. */
export const anySchema: fc.Arbitrary<unknown> = fc.letrec<{ schema: unknown; inner: unknown }>(
  (tie) => ({
    schema: fc.dictionary(keyword, tie("inner"), { maxKeys: 5 }),
    inner: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      value,
      keywordValue,
      tie("schema"),
      fc.array(tie("schema"), { maxLength: 3 }),
    ),
  }),
).schema;
