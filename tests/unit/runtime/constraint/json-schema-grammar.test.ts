import { grammarProblem } from "../../../../runtime/constraint/grammar.ts";
import type { JsonSchema } from "../../../../runtime/constraint/json-schema.ts";
import { jsonSchemaGrammar } from "../../../../runtime/constraint/json-schema-grammar.ts";

/** The rule that an answer begins with. */
function rootOf(schema: JsonSchema): string {
  const { grammar, problems } = jsonSchemaGrammar(schema, "schema");
  expect(problems).toBeUndefined();
  expect(grammarProblem(grammar ?? "")).toBeUndefined();
  return /^root ::= (.*)$/m.exec(grammar ?? "")?.[1] ?? "";
}

function problemsOf(schema: JsonSchema): string[] {
  const { problems = [] } = jsonSchemaGrammar(schema, "schema");
  return problems.map(({ path, message }) => `${path}: ${message}`);
}

/** Schemas inside each other. */
const nestedSchemas = (depth: number, around: (schema: JsonSchema) => JsonSchema): JsonSchema =>
  Array.from({ length: depth }).reduce<JsonSchema>(around, true);

/** A schema that contains itself. */
const node = {
  type: "object",
  properties: { children: { type: "array", items: { $ref: "#/$defs/node" } } },
  required: ["children"],
  additionalProperties: false,
};

describe("jsonSchemaGrammar", () => {
  it.each<[JsonSchema, string]>([
    [true, "any-value"],
    [{}, "(any-object | ("],
    [{ type: "boolean" }, "boolean"],
    [{ type: ["integer", "null"] }, "(integer | null)"],
    [{ type: ["null", "null"] }, "null"],
    [{ $ref: "#/$defs/node", $defs: { node } }, "reference-1"],
    [{ type: "integer", minimum: 0 }, "whole-number"],
    [{ type: "integer", minimum: 1, exclusiveMaximum: 13 }, '([1-9] | "1" ([0-2]))'],
    [{ type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 }, "integer"],
    [{ type: "string" }, '("\\"" character* "\\"")'],
    [{ type: "string", minLength: 2 }, '("\\"" character{2,} "\\"")'],
    [{ type: "string", minLength: 1, maxLength: 3 }, '("\\"" character{1,3} "\\"")'],
    [{ minLength: 1 }, '("\\"" character{1,} "\\"")'],
    [{ const: 'a"b\\' }, '"\\"a\\\\\\"b\\\\\\\\\\""'],
    [{ enum: [1, "a", null, { b: [true] }] }, '("1" | "\\"a\\"" | "null" | "{\\"b\\":[true]}")'],
    [{ type: "string", enum: ["a"] }, '"\\"a\\""'],
    [{ anyOf: [{ type: "null" }, { const: 1 }] }, '(null | "1")'],
    [{ allOf: [{ type: "null" }] }, "null"],
    [{ type: "array", items: { type: "null" } }, '("[" space (item-1 ("," space item-1)*)? "]")'],
    [
      { type: "array", items: true, minItems: 2, maxItems: 4 },
      '("[" space item-1 ("," space item-1){1,3} "]")',
    ],
    [{ type: "array", maxItems: 0 }, '"[" space "]"'],
    [{ type: "object" }, "any-object"],
    [{ type: "object", additionalProperties: false }, '("{" space "}")'],
    [
      { type: "object", additionalProperties: { type: "null" } },
      '("{" space (pair-1 ("," space pair-1)*)? "}")',
    ],
    [{ title: "t", description: "d", default: 1, type: "null", $comment: "c" }, "null"],
  ])("writes %j", (schema, expected) => {
    expect(rootOf(schema)).toContain(expected);
  });

  it.each<[JsonSchema, string]>([
    [false, "schema: must be a schema: an object or `true`"],
    [{ type: "string", format: { toString: 1 } }, "schema.format: can be enforced for date, time"],
    [{ minimum: { toString: 1, valueOf: 1 } }, "schema.minimum: must be a number"],
    [{ type: "integer", maximum: [9007199254740992] }, "schema.maximum: must be a number"],
    [{ maxItems: { toString: 1 } }, "schema.maxItems: must be a whole number from 0 to 2000"],
    [{ $ref: { toString: 1 } }, "schema.$ref: must point to a schema of the same document"],
    [{ $ref: "#/$defs/a", $defs: { a: false } }, "schema#/$defs/a: must be a schema"],
    [{ type: "text" }, "schema.type: must be one or several of string, integer"],
    [{ type: "string", pattern: "x" }, "schema.pattern: is a keyword that cannot be enforced"],
    [{ type: "integer", minimum: 3, maximum: 2 }, "schema: has no whole number from 3 to 2"],
    [{ type: "number", exclusiveMinimum: 0 }, "schema.type: must be `integer` for these bounds"],
    [{ type: "number", maximum: 2 ** 53 }, "schema.type: must be `integer` for these bounds"],
    [{ minimum: -(2 ** 53) }, "schema.type: must be `integer` for these bounds"],
    [{ type: "number", multipleOf: 2 }, "schema.multipleOf: is a keyword"],
    [{ oneOf: [{ type: "null" }] }, "schema.oneOf: is a keyword"],
    [{ not: {} }, "schema.not: is a keyword"],
    [{ constructor: {} }, "schema.constructor: is a keyword"],
    [{ allOf: [{}, {}] }, "schema.allOf: can be enforced for a single schema only"],
    [{ type: "array", uniqueItems: true }, "schema.uniqueItems: is a keyword"],
    [{ type: "array", prefixItems: [] }, "schema.prefixItems: is a keyword"],
    [{ type: "string", format: "email" }, "schema.format: can be enforced for date, time"],
    [
      { type: "string", format: "date", maxLength: 3 },
      "schema.format: cannot be enforced together",
    ],
    [{ type: "string", minLength: 3, maxLength: 2 }, "schema.minLength: must not be above"],
    [{ type: "array", minItems: 3, maxItems: 2 }, "schema.minItems: must not be above"],
    [
      { type: "string", maxLength: 2001 },
      "schema.maxLength: must be a whole number from 0 to 2000",
    ],
    [{ enum: [] }, "schema.enum: must be a list of values"],
    [{ type: "string", enum: [1] }, "schema.type: cannot be enforced together with `enum`"],
    [{ const: 1, minimum: 0 }, "schema.minimum: cannot be enforced together with `const`"],
    [{ anyOf: [], type: "null" }, "schema.anyOf: must be a list of schemas"],
    [{ $ref: "#/nowhere" }, "schema.$ref: must point to a schema of the same document"],
    [{ $ref: "https://a.example" }, "schema.$ref: must point to a schema of the same document"],
    [
      { type: "object", required: ["a"], additionalProperties: false },
      "schema.required: names a property that `properties` does not have",
    ],
    [
      { type: "object", properties: { a: { items: { pattern: "" } } } },
      "schema.properties.a.items.pattern: is a keyword",
    ],
    [{ anyOf: [true, { pattern: "" }] }, "schema.anyOf[1].pattern: is a keyword"],
    [nestedSchemas(100, (items) => ({ items })), "is nested deeper than 64"],
  ])("refuses what it cannot enforce: %j", (schema, expected) => {
    expect(problemsOf(schema).join("\n")).toContain(expected);
  });

  it.each<[string, JsonSchema]>([
    [
      "names without properties",
      nestedSchemas(60, (schema) => ({ required: ["a", "b"], additionalProperties: schema })),
    ],
    ["many properties", { properties: Object.fromEntries(Array(20_000).fill(true).entries()) }],
    ["many names", { required: Array.from({ length: 20_000 }, (_, at) => `${at}`) }],
    [
      "references to references",
      {
        $ref: "#/$defs/0",
        $defs: Object.fromEntries(
          Array.from({ length: 20_000 }, (_, at) => [at, { $ref: `#/$defs/${at + 1}` }]),
        ),
      },
    ],
  ])("gives up early on what would become too large: %s", (_name, schema) => {
    expect(problemsOf(schema).join()).toContain("schema");
  });
});
