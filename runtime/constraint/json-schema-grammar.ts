import type { Problem } from "../errors.ts";
import type { Conversion, JsonSchema, SchemaKeywords } from "./json-schema.ts";
import { schemaExpression } from "./json-schema-expression.ts";
import { keywordProblems } from "./json-schema-keywords.ts";

/** A grammar that matches only instances of a schema, or why there is none. */
export type SchemaGrammar =
  | { readonly grammar: string; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly grammar?: never };

/** Maximum nesting of schemas, `$ref` not counted. */
const deepestSchema = 64;

/** Maximum number of expanded subschemas. Bounds exponential growth. */
const mostSchemas = 10_000;

/**
 * A JSON Schema as GBNF. Every text of the grammar is an instance of the schema; the reverse does not
 * hold: properties come in the schema's order, undeclared ones not at all, white space is at most one
 * blank. Keywords that cannot be enforced are problems; llama.cpp's own conversion drops them silently.
 *
 * @param path where the schema is in the request, for the problems
 */
export function jsonSchemaGrammar(schema: JsonSchema, path: string): SchemaGrammar {
  const conversion = new SchemaConversion(schema, path);
  const root = conversion.expressionOf(schema, path, 0);
  conversion.writeReferences();
  if (conversion.problems.length > 0) return { problems: conversion.problems };
  const rules = { root, ...Object.fromEntries(conversion.rules), ...commonRules };
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

class SchemaConversion implements Conversion {
  readonly problems: Problem[] = [];
  /** The rules that have been named. */
  readonly rules = new Map<string, string>();
  readonly #root: JsonSchema;
  readonly #rootPath: string;
  readonly #references = new Map<string, { readonly name: string; readonly target: unknown }>();
  #schemas = 0;

  constructor(root: JsonSchema, rootPath: string) {
    this.#root = root;
    this.#rootPath = rootPath;
  }

  report(path: string, message: string): string {
    this.problems.push({ path, message });
    return '""';
  }

  rule(kind: string, expression: string): string {
    const name = `${kind}-${this.rules.size + 1}`;
    this.rules.set(name, expression);
    return name;
  }

  expressionOf(schema: unknown, path: string, depth: number): string {
    if (++this.#schemas > mostSchemas) return '""';
    if (depth > deepestSchema) return this.report(path, `is nested deeper than ${deepestSchema}`);
    if (schema === true) return "any-value";
    if (!isKeywords(schema)) return this.report(path, "must be a schema: an object or `true`");
    const found = keywordProblems(schema, path);
    for (const problem of found) this.problems.push(problem);
    if (found.length > 0) return '""';
    return schemaExpression({ conversion: this, schema, path, depth });
  }

  reference(reference: unknown, path: string): string {
    const pointer = typeof reference === "string" ? reference : "";
    const known = this.#references.get(pointer);
    if (known !== undefined) return known.name;
    const target = targetOf(this.#root, pointer);
    if (target === undefined) {
      return this.report(path, "must point to a schema of the same document, like `#/$defs/name`");
    }
    const name = `reference-${this.#references.size + 1}`;
    this.#references.set(pointer, { name, target });
    return name;
  }

  /** Writes what is referred to, and what that refers to, one after the other. */
  writeReferences(): void {
    // A map's iteration includes what is added on the way.
    for (const [pointer, { name, target }] of this.#references) {
      this.rules.set(name, this.expressionOf(target, `${this.#rootPath}${pointer}`, 0));
    }
    if (this.#schemas > mostSchemas) {
      this.report(this.#rootPath, "cannot be enforced: its grammar is too large");
    }
  }
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
