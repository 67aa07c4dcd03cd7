import { integerRange, largestInteger } from "./integer-range.ts";
import { type Conversion, type JsonType, jsonFormats, type SchemaKeywords } from "./json-schema.ts";

/** A schema whose keywords have been checked, at its place in the one that is converted. */
interface CheckedSchema {
  readonly conversion: Conversion;
  readonly schema: SchemaKeywords;
  readonly path: string;
  readonly depth: number;
}

/** The expression that matches instances of a schema. */
export function schemaExpression(checked: CheckedSchema): string {
  const { conversion, schema, path, depth } = checked;
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
  return choiceOf(typesOf(schema), (type) => byType[type](checked));
}

/** JSON type → expression. */
const byType = {
  string: stringExpression,
  integer: integerExpression,
  number: ({ schema }) => (schema.minimum === 0 ? `(whole-number ("." [0-9]{1,16})?)` : "number"),
  boolean: () => "boolean",
  null: () => "null",
  object: objectExpression,
  array: arrayExpression,
} as const satisfies Record<JsonType, (checked: CheckedSchema) => string>;

/** What `type` says or, without it, what the other keywords are about; else every type. */
function typesOf(schema: SchemaKeywords): readonly JsonType[] {
  if (schema.type !== undefined) return [...new Set([schema.type].flat() as JsonType[])];
  const meant = keywordsOfType.find(([, ...keywords]) => keywords.some((key) => key in schema));
  return meant ? [meant[0]] : ["object", "array", "string", "number", "boolean", "null"];
}

/** Types, each before the keywords that are about its values alone. */
const keywordsOfType = [
  ["object", "properties", "required", "additionalProperties"],
  ["array", "items", "minItems", "maxItems"],
  ["string", "minLength", "maxLength", "format"],
  ["number", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
] as const satisfies readonly (readonly [JsonType, ...string[]])[];

function integerExpression({ conversion, schema, path }: CheckedSchema): string {
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

function stringExpression({ schema }: CheckedSchema): string {
  const format = typeof schema.format === "string" ? jsonFormats[schema.format] : undefined;
  if (format !== undefined) return `("\\"" ${format} "\\"")`;
  return `("\\"" character${repetition(schema.minLength, schema.maxLength)} "\\"")`;
}

function arrayExpression({ conversion, schema, path, depth }: CheckedSchema): string {
  const { items = true, minItems = 0, maxItems } = schema;
  if (maxItems === 0) return '"[" space "]"';
  const item = conversion.rule("item", conversion.expressionOf(items, `${path}.items`, depth + 1));
  const least = Math.max(0, Number(minItems) - 1);
  const most = maxItems === undefined ? undefined : Number(maxItems) - 1;
  const list = `${item} ("," space ${item})${repetition(least, most)}`;
  return `("[" space ${minItems === 0 ? `(${list})?` : list} "]")`;
}

/** `{…}`: declared properties in their order, or any names where none are declared. */
function objectExpression(checked: CheckedSchema): string {
  const { conversion, schema, path, depth } = checked;
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const names = new Set(Object.keys(properties as object));
  const requiredNames = new Set(required as string[]);
  const others = [...requiredNames].filter((name) => !names.has(name));
  if (names.size + others.length === 0) {
    return mapExpression(checked, additionalProperties);
  }
  if (others.length > 0 && additionalProperties === false) {
    const message = "names a property that `properties` does not have";
    return conversion.report(`${path}.required`, message);
  }
  const pairs = [...names, ...others].map((name) => {
    const isDeclared = names.has(name);
    const value = conversion.expressionOf(
      isDeclared ? (properties as SchemaKeywords)[name] : additionalProperties,
      isDeclared ? `${path}.properties.${name}` : `${path}.additionalProperties`,
      depth + 1,
    );
    return {
      text: conversion.rule("pair", `${jsonLiteral(name)} ":" space ${value}`),
      isRequired: requiredNames.has(name),
    };
  });
  return `("{" space ${pairsExpression(conversion, pairs)} "}")`;
}

/** An object without declared properties: any names, values of one schema. */
function mapExpression({ conversion, path, depth }: CheckedSchema, values: unknown): string {
  if (values === false) return '("{" space "}")';
  if (values === true) return "any-object";
  const value = conversion.expressionOf(values, `${path}.additionalProperties`, depth + 1);
  const pair = conversion.rule("pair", `string ":" space ${value}`);
  return `("{" space (${pair} ("," space ${pair})*)? "}")`;
}

/**
 * Pairs in their order, the optional ones there or not, with commas between: written from the last to
 * the first, for what follows something and for what comes first.
 */
function pairsExpression(
  conversion: Conversion,
  pairs: readonly { text: string; isRequired: boolean }[],
): string {
  const none = { afterSome: '""', atStart: '""' };
  return pairs.toReversed().reduce((rest, { text, isRequired }) => {
    const afterSome = `"," space ${text} ${rest.afterSome}`;
    const atStart = `${text} ${rest.afterSome}`;
    const orRest = (taken: string, left: string) => (isRequired ? taken : `(${taken} | ${left})`);
    return {
      afterSome: conversion.rule("rest", orRest(afterSome, rest.afterSome)),
      atStart: conversion.rule("start", orRest(atStart, rest.atStart)),
    };
  }, none).atStart;
}

/** Any JSON value as a GBNF literal of the one text that `JSON.stringify` makes of it. */
function jsonLiteral(value: unknown): string {
  const escaped = JSON.stringify(value).replaceAll(/["\\]/g, "\\$&");
  return `"${escaped}"`;
}

/** One of several expressions. */
function choiceOf<Choice>(
  choices: readonly Choice[],
  write: (choice: Choice, at: number) => string,
): string {
  const written = choices.map(write);
  return written.length === 1 ? written.join("") : `(${written.join(" | ")})`;
}

/** `{least,most}`, in its shortest form. */
function repetition(least: unknown = 0, most: unknown = undefined): string {
  if (least === 0 && most === undefined) return "*";
  return `{${least},${most ?? ""}}`;
}
