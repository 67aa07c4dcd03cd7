/**
 * JSON schema to grammar, as llama.cpp does it: rule by rule the same text, in the same order.
 * Left out: `pattern`, and references to other documents; both are refused.
 *
 * Source: common/json-schema-to-grammar.cpp of llama.cpp@1f86f058 (read 2026-11).
 */
import { SchemaConverter } from "./json-schema-converter.ts";
import type { JsonValue } from "./json-value.ts";

/** Turns a schema into a grammar. Throws JsonError with llama.cpp's words. */
export function jsonSchemaGrammar(schema: JsonValue): string {
  const converter = new SchemaConverter(schema);
  converter.visit(schema, "");
  return converter.rules.grammar();
}
