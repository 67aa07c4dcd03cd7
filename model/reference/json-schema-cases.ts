/**
 * What a JSON schema says, and the rule that it becomes: one entry for each kind of schema.
 *
 * Source: SchemaConverter::visit of common/json-schema-to-grammar.cpp, llama.cpp@1f86f058 (read
 * 2026-11).
 */
import { integerRangeRule } from "./integer-range-rule.ts";
import { STRING_FORMATS } from "./json-schema-builtins.ts";
import type { SchemaConverter } from "./json-schema-converter.ts";
import type { SchemaFields } from "./json-schema-fields.ts";
import { literal, repetition } from "./json-schema-rules.ts";
import { jsonText } from "./json-value.ts";

/** How a schema that has something becomes a rule. */
export interface SchemaCase {
  readonly applies: (schema: SchemaFields) => boolean;
  /** Returns the name of the rule. `ruleName` is `name`, unless that is taken. */
  readonly convert: (
    converter: SchemaConverter,
    schema: SchemaFields,
    name: string,
    ruleName: string,
  ) => string;
}

/** The first that applies counts. */
export const SCHEMA_CASES: readonly SchemaCase[] = [
  {
    applies: (schema) => schema.has("$ref"),
    convert: (converter, schema, _, ruleName) =>
      converter.rules.add(ruleName, converter.resolve(schema.text("$ref"))),
  },
  {
    applies: (schema) => schema.has("oneOf") || schema.has("anyOf"),
    convert: (converter, schema, name, ruleName) =>
      converter.union(schema.list(schema.has("oneOf") ? "oneOf" : "anyOf"), name, ruleName),
  },
  {
    applies: (schema) => Array.isArray(schema.type),
    convert: (converter, schema, name, ruleName) =>
      converter.union(
        schema.list("type").map((type) => new Map(schema.members).set("type", type)),
        name,
        ruleName,
      ),
  },
  {
    applies: (schema) => schema.has("const"),
    convert: ({ rules }, schema, _, ruleName) =>
      rules.add(ruleName, `${literal(jsonText(schema.get("const")))} space`),
  },
  {
    applies: (schema) => schema.has("enum"),
    convert: ({ rules }, schema, _, ruleName) => {
      const values = schema.list("enum").map((value) => literal(jsonText(value)));
      return rules.add(ruleName, `(${values.join(" | ")}) space`);
    },
  },
  {
    applies: (schema) =>
      schema.mayBe("object") &&
      (schema.has("properties") ||
        (schema.has("additionalProperties") && schema.get("additionalProperties") !== true)),
    convert: (converter, schema, name, ruleName) =>
      converter.object(schema.properties(), schema.required(), {
        name,
        ruleName,
        additional: schema.get("additionalProperties"),
      }),
  },
  {
    applies: (schema) => schema.mayBe("object") && schema.has("allOf"),
    convert: (converter, schema, name, ruleName) => {
      const { properties, required } = converter.allOf(schema);
      return converter.object(properties, required, { name, ruleName, additional: null });
    },
  },
  {
    applies: (schema) =>
      schema.mayBe("array") && (schema.has("items") || schema.has("prefixItems")),
    convert: (converter, schema, name, ruleName) => converter.array(schema, name, ruleName),
  },
  {
    applies: (schema) => schema.mayBe("string") && schema.has("pattern"),
    convert: ({ rules }) => rules.fail("pattern is not implemented by the reference engine"),
  },
  {
    applies: (schema) => schema.mayBe("string") && /^uuid[1-5]?$/.test(schema.format),
    convert: ({ rules }, schema, _, ruleName) =>
      rules.addPrimitive("uuid", ruleName === "root" ? "root" : schema.format),
  },
  {
    applies: (schema) => schema.mayBe("string") && STRING_FORMATS.has(`${schema.format}-string`),
    convert: ({ rules }, schema, _, ruleName) =>
      rules.add(ruleName, rules.addPrimitive(`${schema.format}-string`)),
  },
  {
    applies: (schema) =>
      schema.type === "string" && (schema.has("minLength") || schema.has("maxLength")),
    convert: ({ rules }, schema, _, ruleName) => {
      const [min, max] = [schema.integer("minLength") ?? 0, schema.integer("maxLength")];
      const characters = repetition(rules.addPrimitive("char"), min, max);
      return rules.add(ruleName, String.raw`"\"" ${characters} "\"" space`);
    },
  },
  {
    applies: (schema) =>
      schema.type === "integer" && schema.bounds().some((bound) => bound !== undefined),
    convert: ({ rules }, schema, _, ruleName) => {
      const [min, max] = schema.bounds();
      return rules.add(ruleName, `(${integerRangeRule(min, max)}) space`);
    },
  },
  {
    applies: (schema) => schema.isEmpty || schema.type === "object",
    convert: ({ rules }, _schema, _, ruleName) => rules.add(ruleName, rules.addPrimitive("object")),
  },
  {
    applies: () => true,
    convert: ({ rules }, schema, _, ruleName) => {
      const { type } = schema;
      if (typeof type !== "string" || !rules.isPrimitive(type)) {
        return rules.fail(`Unrecognized schema: ${jsonText(schema.value)}`);
      }
      return rules.addPrimitive(type, ruleName === "root" ? "root" : type);
    },
  },
];
