import type { Problem } from "../errors.ts";
import type { JsonSchema, SchemaKeywords } from "./json-schema.ts";
import type { Conversion } from "./json-schema-conversion.ts";
import { schemaExpression } from "./json-schema-expression.ts";
import { keywordProblems } from "./json-schema-keywords.ts";

/** A grammar that matches only instances of a schema, or why there is none. */
export type SchemaGrammar =
  | { readonly grammar: string; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly grammar?: never };

/** Schemas inside each other at most, `$ref` not counted. */
const deepestSchema = 64;

/**
 * Schemas written at most, each as often as it is: every one makes a grammar longer, and nobody
 * can use one of so many. A schema may stand for many times its own length.
 */
const mostSchemas = 10_000;

/**
 * A JSON Schema as GBNF, so that both engines are held to it by the same means.
 *
 * Every text of the grammar is an instance of the schema; the reverse does not hold: properties
 * come in the order of the schema, undeclared ones do not come, and white space is at most one
 * blank. Keywords that cannot be enforced this way are problems, never ignored: llama.cpp's own
 * conversion drops them silently.
 *
 * @param path where the schema is in the request, for the problems
 */
export function jsonSchemaGrammar(schema: JsonSchema, path: string): SchemaGrammar {
  const conversion = createConversion(schema, path);
  const root = conversion.expressionOf(schema, path, 0);
  conversion.writeReferences();
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

function createConversion(root: JsonSchema, rootPath: string) {
  const problems: Problem[] = [];
  const named = new Map<string, string>();
  const references = new Map<string, Reference>();
  let schemas = 0;
  const report = (path: string, message: string): string => {
    problems.push({ path, message });
    return '""';
  };
  const conversion: Conversion = {
    problems,
    report,
    rules: () => Object.fromEntries(named),
    rule(kind: string, expression: string): string {
      const name = `${kind}-${named.size + 1}`;
      named.set(name, expression);
      return name;
    },
    expressionOf(schema: unknown, path: string, depth: number): string {
      if (++schemas > mostSchemas) return '""';
      if (depth > deepestSchema) return report(path, `is nested deeper than ${deepestSchema}`);
      if (schema === true) return "any-value";
      if (!isKeywords(schema)) return report(path, "must be a schema: an object or `true`");
      const found = keywordProblems(schema, path);
      for (const problem of found) problems.push(problem);
      return found.length > 0 ? '""' : schemaExpression(conversion, schema, path, depth);
    },
    reference(reference: unknown, path: string): string {
      const pointer = typeof reference === "string" ? reference : "";
      const known = references.get(pointer);
      if (known !== undefined) return known.name;
      const target = targetOf(root, pointer);
      if (target === undefined) {
        return report(path, "must point to a schema of the same document, like `#/$defs/name`");
      }
      const name = `reference-${references.size + 1}`;
      references.set(pointer, { name, target });
      return name;
    },
  };
  return {
    ...conversion,
    /** Writes what is referred to, and what that refers to; not inside each other, however long. */
    writeReferences(): void {
      // A map's iteration comes to what is added on the way.
      for (const [pointer, { name, target }] of references) {
        named.set(name, conversion.expressionOf(target, `${rootPath}${pointer}`, 0));
      }
      if (schemas > mostSchemas) report(rootPath, "cannot be enforced: its grammar is too large");
    },
  };
}

/** A schema that is referred to, and the rule it becomes. */
interface Reference {
  readonly name: string;
  readonly target: unknown;
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
