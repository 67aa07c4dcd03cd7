import fc from "fast-check";
import { readGrammar } from "../../../../model/reference/grammar-reader.ts";
import { GrammarState } from "../../../../model/reference/grammar-state.ts";
import { readJson } from "../../../../model/reference/json-reader.ts";
import { jsonSchemaGrammar } from "../../../../model/reference/json-schema-grammar.ts";

describe("jsonSchemaGrammar", () => {
  // Limits and rules as llama.cpp's own tests have them (tests/test-json-schema-to-grammar.cpp).
  it.each([
    {
      schema: { type: "integer", minimum: 0, maximum: 23 },
      root: "([0-9] | ([1] [0-9] | [2] [0-3])) space",
    },
    {
      schema: { type: "integer", minimum: 15, maximum: 300 },
      root: '(([1] ([5-9]) | [2-9] [0-9]) | ([1-2] [0-9]{2} | [3] "00")) space',
    },
    {
      schema: { type: "integer", minimum: -10, maximum: 10 },
      root: '("-" ([0-9] | "10") | [0-9] | "10") space',
    },
    { schema: { type: "string", minLength: 3 }, root: '"\\"" char{3,} "\\"" space' },
    { schema: { type: "string", minLength: 1 }, root: '"\\"" char+ "\\"" space' },
    { schema: { type: "string", maxLength: 3 }, root: '"\\"" char{0,3} "\\"" space' },
    { schema: { type: "integer" }, root: '("-"? integral-part) space' },
    { schema: { const: "foo" }, root: '"\\"foo\\"" space' },
    {
      schema: { enum: ["red", null, 42, ["x"]] },
      root: '("\\"red\\"" | "null" | "42" | "[\\"x\\"]") space',
    },
    { schema: { type: ["boolean", "null"] }, root: "boolean | null" },
    {
      schema: { items: { type: "boolean" }, minItems: 2 },
      root: '"[" space boolean ("," space boolean)+ "]" space',
    },
    {
      schema: { items: { type: "boolean" }, maxItems: 2 },
      root: '"[" space (boolean ("," space boolean)?)? "]" space',
    },
    {
      schema: { items: { type: "null" }, minItems: 3, maxItems: 5 },
      root: '"[" space null ("," space null){2,4} "]" space',
    },
    {
      schema: { prefixItems: [{ type: "string" }, { type: "number" }] },
      root: '"[" space string "," space number "]" space',
    },
    { schema: {}, root: "object" },
    {
      schema: { format: "uuid" },
      root: '"\\"" [0-9a-fA-F]{8} "-" [0-9a-fA-F]{4} "-" [0-9a-fA-F]{4} "-" [0-9a-fA-F]{4} "-" [0-9a-fA-F]{12} "\\"" space',
    },
    { schema: { format: "date" }, root: "date-string" },
    {
      schema: {
        properties: { a: { type: "null" }, b: { type: "null" } },
        additionalProperties: { type: "null" },
      },
      root: '"{" space  (a-kv a-rest | b-kv b-rest | additional-kv ( "," space additional-kv )* )? "}" space',
    },
    {
      schema: {
        properties: { b: { type: "null" }, a: { type: "null" }, c: { type: "null" } },
        required: ["b", "c"],
      },
      root: '"{" space b-kv "," space c-kv ( "," space ( a-kv ) )? "}" space',
    },
    {
      schema: {
        allOf: [{ $ref: "#/d/x" }, { anyOf: [{ $ref: "#/d/y" }, { properties: { z: {} } }] }],
        d: { x: { properties: { x: {} } }, y: { properties: { y: {} } } },
      },
      root: '"{" space x-kv ( "," space ( y-kv y-rest | z-kv ) )? "}" space',
    },
  ])("turns $schema into llama.cpp's rule", ({ schema, root }) => {
    expect(grammarOf(schema)).toContain(
      `\nroot ::= ${root}\n`.slice(grammarOf(schema).startsWith("root") ? 1 : 0),
    );
  });

  it("writes names that no rule may have otherwise", () => {
    const grammar = grammarOf({
      properties: { number: { properties: { "a b": { type: "null" } } }, "a-b": {} },
    });

    expect(grammar).toContain('\nnumber- ::= "{" space  (number-a-b-kv )? "}" space\n');
    expect(grammar).toContain('\nnumber-kv ::= "\\"number\\"" space ":" space number-\n');
  });

  it("tells other names from an empty one, and gives its schema the root, as llama.cpp does", () => {
    const schema = {
      properties: { "": { type: "null" }, a: { type: "null" } },
      additionalProperties: { type: "null" },
    };

    const grammar = grammarOf(schema);

    expect(grammar).toContain('\nadditional-k ::= ["] ( [a] char+ | [^"a] char* ) ["] space\n');
    expect(grammar).toContain('\nroot ::= "null" space\nroot0 ::= "{" space  (-kv -rest | ');
  });

  it.each([
    { schema: { type: "nonsense" }, problem: 'Unrecognized schema: {"type":"nonsense"}' },
    { schema: { type: 5 }, problem: 'Unrecognized schema: {"type":5}' },
    {
      schema: { $ref: "#/no" },
      problem: 'Error resolving ref input#/no: no not in {"$ref":"#/no"}',
    },
    { schema: { $ref: "https://x" }, problem: "Unsupported ref: https://x" },
    { schema: { $ref: "#" }, problem: "Unsupported ref: #" },
    {
      schema: { anyOf: [{ type: "a" }, { type: "b" }] },
      problem: 'Unrecognized schema: {"type":"a"}\nUnrecognized schema: {"type":"b"}',
    },
    { schema: { pattern: "^a$" }, problem: "pattern is not implemented by the reference engine" },
  ])("refuses $schema", ({ schema, problem }) => {
    expect(() => grammarOf(schema)).toThrow(`JSON schema conversion failed:\n${problem}`);
  });

  it("refuses a field of the wrong type", () => {
    expect(() => grammarOf({ type: "string", minLength: "2" })).toThrow(
      "[json.exception.type_error.302] type must be number, but is string",
    );
  });

  it("allows the integers between two limits, and no other", () => {
    const limit = fc.integer({ min: -2000, max: 2000 });
    fc.assert(
      fc.property(limit, limit, fc.integer({ min: -2500, max: 2500 }), (one, other, number) => {
        const [minimum, maximum] = [Math.min(one, other), Math.max(one, other)];
        const state = startOf({ type: "integer", minimum, maximum });

        expect(accepts(state, String(number))).toBe(minimum <= number && number <= maximum);
      }),
      { numRuns: 300 },
    );
  });

  it("allows the integers from a limit on, and none below", () => {
    // llama.cpp's own rules leave out longer numbers with a 0 where the limit has a 0 or a 1.
    const plain = fc.nat(3000).filter((limit) => !/[01]/.test(String(limit).slice(1)));
    fc.assert(
      fc.property(plain, fc.integer({ min: -50, max: 4000 }), (minimum, number) => {
        const state = startOf({ type: "integer", minimum });

        expect(accepts(state, String(number))).toBe(number >= minimum);
      }),
      { numRuns: 200 },
    );
  });

  it("lets shorter numbers through for a limit with a zero in it, as llama.cpp does", () => {
    expect(accepts(startOf({ type: "integer", minimum: 200 }), "20")).toBe(true);
  });

  it("allows the integers up to a limit, and none above", () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.integer({ min: -50, max: 4000 }), (maximum, number) => {
        const state = startOf({ type: "integer", exclusiveMaximum: maximum + 1 });

        expect(accepts(state, String(number))).toBe(number <= maximum);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    {
      schema: {
        $ref: "#/$defs/node",
        $defs: {
          node: {
            properties: {
              v: { type: "number" },
              next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
            },
            required: ["v", "next"],
          },
        },
      },
      yes: ['{"v":1.5e3,"next":null}', '{ "v": -1,\n "next": {"v":0,"next":null}}'],
      no: ['{"v":1}', '{"next":null,"v":1}', '{"v":01,"next":null}'],
    },
    {
      schema: { properties: { and: {}, also: {} }, required: ["and"], additionalProperties: true },
      yes: ['{"and":{}}', '{"and":{},"also":{},"b":[1,"é\\n",true]}', '{"and":{},"andy":1}'],
      no: ['{"also":{}}', '{"and":1}', '{"and":{},"and":1}'],
    },
  ])("makes a grammar of $schema", ({ schema, yes, no }) => {
    const state = startOf(schema);
    for (const text of yes) expect([text, accepts(state, text)]).toEqual([text, true]);
    for (const text of no) expect([text, accepts(state, text)]).toEqual([text, false]);
  });
});

function grammarOf(schema: object): string {
  return jsonSchemaGrammar(readJson(Buffer.from(JSON.stringify(schema))));
}

function startOf(schema: object): GrammarState {
  const reading = readGrammar(grammarOf(schema));
  if (!("grammar" in reading)) throw new Error(reading.refusal);
  return GrammarState.start(reading.grammar);
}

function accepts(start: GrammarState, text: string): boolean {
  return [...text].reduce((state, next) => state.after(next.codePointAt(0) ?? 0), start).mayEnd;
}
