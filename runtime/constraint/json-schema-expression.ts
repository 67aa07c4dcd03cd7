import { choiceOf, jsonLiteral, repetition } from "./grammar-text.ts";
import { type JsonType, jsonFormats, type SchemaKeywords } from "./json-schema.ts";
import type { Conversion } from "./json-schema-conversion.ts";
import { objectExpression } from "./json-schema-object.ts";

/** The expression that matches instances of a schema whose keywords have been checked. */
export function schemaExpression(
  conversion: Conversion,
  schema: SchemaKeywords,
  path: string,
  depth: number,
): string {
  if (schema.$ref !== undefined) return conversion.reference(schema.$ref, `${path}.$ref`);
  if (schema.const !== undefined) return jsonLiteral(schema.const);
  if (schema.enum !== undefined) return choiceOf(schema.enum as unknown[], jsonLiteral);
  const choices = schema.anyOf ?? schema.allOf;
  if (Array.isArray(choices)) {
    const keyword = schema.anyOf === undefined ? "allOf" : "anyOf";
    return choiceOf(choices, (choice, at) =>
      conversion.expressionOf(choice, `${path}.${keyword}[${at}]`, depth + 1),
    );
  }
  const types = typesOf(schema);
  return choiceOf(types, (type) => byType[type](conversion, schema, path, depth));
}

type TypeWriter = (
  conversion: Conversion,
  schema: SchemaKeywords,
  path: string,
  depth: number,
) => string;

/** JSON type → expression. */
const byType = {
  string: stringExpression,
  integer: (_, schema) => (isNatural(schema) ? "whole-number" : "integer"),
  number: (_, schema) => (isNatural(schema) ? `(whole-number ("." [0-9]{1,16})?)` : "number"),
  boolean: () => "boolean",
  null: () => "null",
  object: objectExpression,
  array: arrayExpression,
} as const satisfies Record<JsonType, TypeWriter>;

/** What `type` says or, without it, what the other keywords are about; else every type. */
function typesOf(schema: SchemaKeywords): readonly JsonType[] {
  if (schema.type !== undefined) return [...new Set([schema.type].flat() as JsonType[])];
  if (["properties", "required", "additionalProperties"].some((key) => key in schema)) {
    return ["object"];
  }
  if (["items", "minItems", "maxItems"].some((key) => key in schema)) return ["array"];
  if (["minLength", "maxLength", "format"].some((key) => key in schema)) return ["string"];
  if ("minimum" in schema || "maximum" in schema) return ["number"];
  return ["object", "array", "string", "number", "boolean", "null"];
}

function isNatural({ minimum }: SchemaKeywords): boolean {
  return minimum === 0;
}

function stringExpression(_: Conversion, schema: SchemaKeywords): string {
  const format = typeof schema.format === "string" ? jsonFormats[schema.format] : undefined;
  if (format !== undefined) return `("\\"" ${format} "\\"")`;
  return `("\\"" character${repetition(schema.minLength, schema.maxLength)} "\\"")`;
}

function arrayExpression(
  conversion: Conversion,
  schema: SchemaKeywords,
  path: string,
  depth: number,
): string {
  const { items = true, minItems = 0, maxItems } = schema;
  if (maxItems === 0) return '"[" space "]"';
  const item = conversion.rule("item", conversion.expressionOf(items, `${path}.items`, depth + 1));
  const least = Math.max(0, Number(minItems) - 1);
  const most = maxItems === undefined ? undefined : Number(maxItems) - 1;
  const list = `${item} ("," space ${item})${repetition(least, most)}`;
  return `("[" space ${minItems === 0 ? `(${list})?` : list} "]")`;
}
