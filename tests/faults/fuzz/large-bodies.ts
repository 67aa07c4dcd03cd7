import * as fc from "fast-check";
import { longestBody } from "../../../runtime/http/request-body.ts";
import { textBounds } from "../../../runtime/request/request.ts";

// Texts that grow: what stands between « and » comes again and again, as often both times. `@` in it
// is its number, `%` the next one.

const bodies = [
  "«[»1«]»",
  '«{"a":»1«}»',
  '{"prompt":«[»1«]»}',
  '{"messages":«[{"content":»1«}]»}',
  '{«"promp@":1,»"prompt":"Hi"}',
  '{"messages":[«{"role":"user","content":"x"},»{}]}',
  '{"prompt":"Hi","stop":[«"x",»"x"]}',
  '{"prompt":"«é»"}',
  '{"prompt":"«\\u0000»"}',
  '{"messages":[{"role":"user","content":"«<|a|>»"}]}',
  '{"prompt":"Hi","«\\u0001»":1}',
  '{"prompt":"Hi","seed":«9»}',
  '{"prompt":"Hi"« »}',
];

const schemas = [
  '{"const":«[»1«]»}',
  '{"type":«[»1«]»}',
  '«{"items":»1«}»',
  '{"properties":{«"k@":{},»"k":{}}}',
  '{"required":[«"k@",»"k"]}',
  '{«"k@":1,»"k":1}',
  '{"type":"string","enum":[«"@",»"x"]}',
  '{"type":[«"object",»"object"]}',
  '{"$ref":"#/$defs/0","$defs":{«"@":{"$ref":"#/$defs/%"},»"x":{}}}',
  `{"properties":{"${"k".repeat(500_000)}":{«"k@":1,»"k":1}}}`,
];

/** Sixty schemas inside each other. */
const towers = [
  ['{"required":["a","b","c"],"additionalProperties":', "}"],
  ['{"type":["object","array","object"],"properties":{"a":true},"items":', "}"],
  ['{"type":"array","minItems":9,"maxItems":2000,"items":', "}"],
].map(([open = "", close = ""]) => `${open.repeat(60)}true${close.repeat(60)}`);

const grammars = [
  'root ::= a0 "x"\n«a@::=a%\n»a@::="x"',
  'root ::= a0 "x"\n«a@::=a%\n»a@::=""',
  'root ::= a0 "x"\n«a@::=a%\n»a@::=a0',
  'root ::= «a »"x"\na::=""',
  'root ::= «a|»"x"\na::="y"',
  '«#\n»root ::= "x"',
  'root ::= « »"x"',
  'root ::= «(»"x"«)»',
  `root ::= ${"(".repeat(99)}«"x" »${")".repeat(99)}`,
  'root ::= "x"«?»',
  `root ::= ${"(".repeat(99)}"x"${"){999999}".repeat(99)}« »`,
];

/** A text grown to about so many bytes. */
function grown(text: string, bytes: number): string {
  const parts = text.split(/[«»]/);
  const unit = parts.filter((_, index) => index % 2 === 1).join("");
  const count = Math.floor(bytes / unit.length);
  const numbered = (part: string, at: number) =>
    part.replaceAll("@", String(at)).replaceAll("%", String(at + 1));
  const repeated = (part: string) =>
    /[@%]/.test(part)
      ? Array.from({ length: count }, (_, at) => numbered(part, at)).join("")
      : part.repeat(count);
  return parts
    .map((part, index) => (index % 2 === 1 ? repeated(part) : numbered(part, count)))
    .join("");
}

const size = fc.oneof(
  fc.integer({ min: 1000, max: longestBody }),
  fc.constantFrom(50_000, 500_000, longestBody - 1000, longestBody + 1000),
);
const grownTo = (texts: readonly string[], sizes = size) =>
  fc.tuple(fc.constantFrom(...texts), sizes).map(([text, bytes]) => grown(text, bytes));
const withSchema = (schema: string) => `{"prompt":"Hi","json_schema":${schema}}`;
const largeGrammar = grownTo(grammars, fc.constant(textBounds.grammarLength - 300));

/** Bodies about as long as the HTTP routes take at most, and expensive to check. */
export const largeBody: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: grownTo(bodies) },
  { weight: 2, arbitrary: grownTo(schemas).map(withSchema) },
  { weight: 1, arbitrary: fc.constantFrom(...towers).map(withSchema) },
  {
    weight: 2,
    arbitrary: largeGrammar.map((grammar) => JSON.stringify({ prompt: "Hi", grammar })),
  },
);
