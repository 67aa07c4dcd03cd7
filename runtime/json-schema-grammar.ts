import type { Problem } from "./errors.ts";
import { type JsonSchema, type JsonType, jsonFormats, type SchemaKeywords } from "./json-schema.ts";
import { keywordProblems } from "./json-schema-keywords.ts";

/** A grammar that matches only instances of a schema, or why there is none. */
export type SchemaGrammar =
  | { readonly grammar: string; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly grammar?: never };

/** Schemas inside each other at most, `$ref` not counted. */
const deepestSchema = 64;

/**
 * A JSON Schema as GBNF, so that both engines are held to it by the same means.
 *
 * Every text of the grammar is an instance of the schema; the reverse does not hold: properties
 * come in the order of the schema, undeclared ones do not come, and white space is at most one
 * blank. SchemaKeywords that cannot be enforced this way are problems, never ignored: llama.cpp's own
 * conversion drops them silently.
 *
 * @param path where the schema is in the request, for the problems
 */
export function jsonSchemaGrammar(schema: JsonSchema, path: string): SchemaGrammar {
  const conversion = createConversion(schema, path);
  const root = conversion.expressionOf(schema, path, 0);
  if (conversion.problems.length > 0) return { problems: conversion.problems };
  const rules = { root, ...conversion.rules(), ...commonRules };
  const lines = Object.entries(rules).map(([name, expression]) => `${name} ::= ${expression}`);
  return { grammar: lines.join("\n") };
}

/** Rules that every schema's grammar may use. A lone surrogate is no character and never matches. */
const commonRules = {
  space: '" "?',
  "any-value": "any-object | any-array | string | number | boolean | null",
  "any-object": '"{" space (any-pair ("," space any-pair)*)? "}"',
  "any-pair": 'string ":" space any-value',
  "any-array": '"[" space (any-value ("," space any-value)*)? "]"',
  string: '"\\"" character* "\\""',
  character:
    '[^"\\\\\\x00-\\x1F\\x7F] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9a-cefA-CEF] hex hex hex | [dD] [0-7] hex hex))',
  hex: "[0-9a-fA-F]",
  number: 'integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?',
  // Up to what a double holds exactly.
  integer: '"-"? ("0" | [1-9] [0-9]{0,14})',
  "whole-number": '"0" | [1-9] [0-9]{0,14}',
  boolean: '"true" | "false"',
  null: '"null"',
} as const;

type Conversion = ReturnType<typeof createConversion>;

function createConversion(root: JsonSchema, rootPath: string) {
  const problems: Problem[] = [];
  const named = new Map<string, string>();
  const references = new Map<string, string>();
  const report = (path: string, message: string): string => {
    problems.push({ path, message });
    return '""';
  };
  const conversion = {
    problems,
    report,
    rules: () => Object.fromEntries(named),
    /** Gives an expression a name, so that the grammar stays as small as the schema. */
    rule(kind: string, expression: string): string {
      const name = `${kind}-${named.size + 1}`;
      named.set(name, expression);
      return name;
    },
    expressionOf(schema: unknown, path: string, depth: number): string {
      if (depth > deepestSchema) return report(path, `is nested deeper than ${deepestSchema}`);
      if (schema === true) return "any-value";
      if (!isKeywords(schema)) return report(path, "must be a schema: an object or `true`");
      const found = keywordProblems(schema, path);
      problems.push(...found);
      return found.length > 0 ? '""' : expression(conversion, schema, path, depth);
    },
    /** `#/$defs/name`: a rule that is written once, so that schemas may contain themselves. */
    reference(reference: unknown, path: string): string {
      const known = references.get(String(reference));
      if (known !== undefined) return known;
      const target = typeof reference === "string" ? targetOf(root, reference) : undefined;
      if (target === undefined) {
        return report(path, "must point to a schema of the same document, like `#/$defs/name`");
      }
      const name = `reference-${references.size + 1}`;
      references.set(String(reference), name);
      named.set(name, conversion.expressionOf(target, `${rootPath}${reference}`, 0));
      return name;
    },
  };
  return conversion;
}

function isKeywords(schema: unknown): schema is SchemaKeywords {
  return typeof schema === "object" && schema !== null && !Array.isArray(schema);
}

/** What a JSON pointer with `#` in front points to. */
function targetOf(root: JsonSchema, reference: string): unknown {
  if (!/^#(\/|$)/.test(reference)) return undefined;
  const steps = reference.slice(1).split("/").slice(1);
  return steps.reduce<unknown>((at, step) => {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return isKeywords(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, root);
}

function expression(
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

/** Any JSON value, as the one text that `JSON.stringify` makes of it. */
function jsonLiteral(value: unknown): string {
  return grammarLiteral(JSON.stringify(value));
}

/** Text as a GBNF literal. */
function grammarLiteral(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

function choiceOf<Choice>(
  choices: readonly Choice[],
  write: (choice: Choice, at: number) => string,
): string {
  const written = choices.map(write);
  return written.length === 1 ? written.join("") : `(${written.join(" | ")})`;
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
  if (schema.type !== undefined) return [schema.type].flat() as JsonType[];
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

/** `{least,most}`, in its shortest form. */
function repetition(least: unknown = 0, most: unknown = undefined): string {
  if (least === 0 && most === undefined) return "*";
  return `{${least},${most ?? ""}}`;
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

function objectExpression(
  conversion: Conversion,
  schema: SchemaKeywords,
  path: string,
  depth: number,
): string {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const names = Object.keys(properties as object);
  const others = (required as string[]).filter((name) => !names.includes(name));
  if (names.length + others.length === 0) {
    return mapExpression(conversion, additionalProperties, path, depth);
  }
  if (others.length > 0 && additionalProperties === false) {
    return conversion.report(
      `${path}.required`,
      "names a property that `properties` does not have",
    );
  }
  const pairs = [...names, ...others].map((name) => {
    const isDeclared = names.includes(name);
    const value = conversion.expressionOf(
      isDeclared ? (properties as SchemaKeywords)[name] : additionalProperties,
      isDeclared ? `${path}.properties.${name}` : `${path}.additionalProperties`,
      depth + 1,
    );
    return {
      text: conversion.rule("pair", `${jsonLiteral(name)} ":" space ${value}`),
      isRequired: (required as string[]).includes(name),
    };
  });
  return `("{" space ${pairsExpression(conversion, pairs)} "}")`;
}

/** An object without declared properties: any names, values of one schema. */
function mapExpression(
  conversion: Conversion,
  values: unknown,
  path: string,
  depth: number,
): string {
  if (values === false) return '("{" space "}")';
  if (values === true) return "any-object";
  const value = conversion.expressionOf(values, `${path}.additionalProperties`, depth + 1);
  const pair = conversion.rule("pair", `string ":" space ${value}`);
  return `("{" space (${pair} ("," space ${pair})*)? "}")`;
}

interface Pair {
  readonly text: string;
  readonly isRequired: boolean;
}

/**
 * Pairs in their order, the optional ones there or not, commas between those that are: from the
 * last to the first, what may follow when something stands before it and when nothing does.
 */
function pairsExpression(conversion: Conversion, pairs: readonly Pair[]): string {
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
