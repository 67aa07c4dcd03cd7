import * as fc from "fast-check";
import { longestBody } from "../../../runtime/http/request-body.ts";
import { textBounds } from "../../../runtime/request/request.ts";

/**
 * A text whose middle grows: opening, a piece again and again, what stands between, a closing piece
 * as often, ending. `@` in a piece is its number, `%` the next one.
 */
type Shape = readonly [
  opening: string,
  piece: string,
  between: string,
  closing: string,
  end: string,
];

const bodies: readonly Shape[] = [
  ["", "[", "1", "]", ""],
  ["", '{"a":', "1", "}", ""],
  ['{"prompt":', "[", "1", "]", "}"],
  ['{"messages":', '[{"content":', "1", "}]", "}"],
  ["{", '"promp@":1,', "", "", '"prompt":"Hi"}'],
  ['{"messages":[', '{"role":"user","content":"x"},', "{}", "", "]}"],
  ['{"prompt":"Hi","stop":[', '"x",', '"x"', "", "]}"],
  ['{"prompt":"', "é", "", "", '"}'],
  ['{"prompt":"', "\\u0000", "", "", '"}'],
  ['{"messages":[{"role":"user","content":"', "<|a|>", "", "", '"}]}'],
  ['{"prompt":"Hi","', "\\u0001", "", "", '":1}'],
  ['{"prompt":"Hi","seed":', "9", "", "", "}"],
  ['{"prompt":"Hi"', " ", "", "", "}"],
];

const schemas: readonly Shape[] = [
  ['{"const":', "[", "1", "]", "}"],
  ['{"type":', "[", "1", "]", "}"],
  ["", '{"items":', "1", "}", ""],
  ['{"properties":{', '"k@":{},', '"k":{}', "", "}}"],
  ['{"required":[', '"k@",', '"k"', "", "]}"],
  ["{", '"k@":1,', '"k":1', "", "}"],
  ['{"type":"string","enum":[', '"@",', '"x"', "", "]}"],
  ['{"type":[', '"object",', '"object"', "", "]}"],
  ['{"$ref":"#/$defs/0","$defs":{', '"@":{"$ref":"#/$defs/%"},', '"x":{}', "", "}}"],
  [`{"properties":{"${"k".repeat(500_000)}":{`, '"k@":1,', '"k":1', "", "}}}"],
];

/** Sixty schemas inside each other. */
const towers = [
  ['{"required":["a","b","c"],"additionalProperties":', "}"],
  ['{"type":["object","array","object"],"properties":{"a":true},"items":', "}"],
  ['{"type":"array","minItems":9,"maxItems":2000,"items":', "}"],
].map(([open = "", close = ""]) => `${open.repeat(60)}true${close.repeat(60)}`);

const grammars: readonly Shape[] = [
  ['root ::= a0 "x"\n', "a@::=a%\n", "", "", 'a@::="x"'],
  ['root ::= a0 "x"\n', "a@::=a%\n", "", "", 'a@::=""'],
  ['root ::= a0 "x"\n', "a@::=a%\n", "", "", "a@::=a0"],
  ["root ::= ", "a ", '"x"', "", '\na::=""'],
  ["root ::= ", "a|", '"x"', "", '\na::="y"'],
  ["", "#\n", "", "", 'root ::= "x"'],
  ["root ::= ", " ", "", "", '"x"'],
  ["root ::= ", "(", '"x"', ")", ""],
  [`root ::= ${"(".repeat(99)}`, '"x" ', "", "", ")".repeat(99)],
  ['root ::= "x"', "?", "", "", ""],
  [`root ::= ${"(".repeat(99)}"x"${"){999999}".repeat(99)}`, " ", "", "", ""],
];

/** The text of a shape, of about so many bytes. */
function textOf([opening, piece, between, closing, ending]: Shape, bytes: number): string {
  const count = Math.floor(bytes / (piece.length + closing.length));
  const numbered = (text: string, at: number) =>
    text.replaceAll("@", String(at)).replaceAll("%", String(at + 1));
  const pieces = /[@%]/.test(piece)
    ? Array.from({ length: count }, (_, at) => numbered(piece, at)).join("")
    : piece.repeat(count);
  return opening + pieces + between + closing.repeat(count) + numbered(ending, count);
}

const withSchema = (schema: string) => `{"prompt":"Hi","json_schema":${schema}}`;
const size = fc.oneof(
  fc.integer({ min: 1000, max: longestBody }),
  fc.constantFrom(50_000, 500_000, longestBody - 1000, longestBody + 1000),
);
const grown = (shapes: readonly Shape[]) =>
  fc.tuple(fc.constantFrom(...shapes), size).map(([shape, bytes]) => textOf(shape, bytes));

/** Bodies about as long as the HTTP routes take at most, and expensive to check. */
export const largeBody: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: grown(bodies) },
  { weight: 2, arbitrary: grown(schemas).map(withSchema) },
  { weight: 1, arbitrary: fc.constantFrom(...towers).map(withSchema) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...grammars).map((shape) => {
      const grammar = textOf(shape, textBounds.grammarLength - 300);
      return JSON.stringify({ prompt: "Hi", grammar });
    }),
  },
);
