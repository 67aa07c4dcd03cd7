import { choiceOf, jsonLiteral, repetition } from "./grammar-text.ts";
import { integerRange, largestInteger } from "./integer-range.ts";
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
  integer: integerExpression,
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
  if (numberKeywords.some((key) => key in schema)) return ["number"];
  return ["object", "array", "string", "number", "boolean", "null"];
}

/** Keywords about a number's size. */
const numberKeywords = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const;

function integerExpression(conversion: Conversion, schema: SchemaKeywords, path: string): string {
  const [first, last] = integerBounds(schema);
  // Bounds to nothing that can be written, such as zod has at ±(2^53-1).
  if (last >= largestInteger && first <= -largestInteger) return "integer";
  if (last >= largestInteger && first === 0) return "whole-number";
  const range = integerRange(first, last);
  return range ?? conversion.report(path, `has no whole number from ${first} to ${last}`);
}

/** The first and the last whole number that a schema allows. */
function integerBounds(schema: SchemaKeywords): readonly [number, number] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Readonly<
    Record<string, number | undefined>
  >;
  const [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return [
    Math.max(Math.ceil(minimum ?? least), Math.floor(exclusiveMinimum ?? least) + 1),
    Math.min(Math.floor(maximum ?? most), Math.ceil(exclusiveMaximum ?? most) - 1),
  ];
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
