import { constraintGrammar } from "../../constraint/constraint.ts";
import type { SchemaKeywords } from "../../constraint/json-schema.ts";
import { requestInvalid } from "../../request/problems.ts";
import { grammarOf, textBounds } from "../../request/request.ts";
import type { ToolUse } from "./tool-definitions.ts";

/** The schema that an answer in text has to follow, and where it is in the request. */
export interface AnswerSchema {
  readonly schema: SchemaKeywords;
  readonly path: string;
}

/** What decides about the grammar of an answer. */
export interface AnswerConstraint {
  readonly toolUse: ToolUse | undefined;
  /** The schema that text must follow; without one it is free. */
  readonly answer: AnswerSchema | undefined;
  /** The caller's own. */
  readonly grammar?: string | undefined;
  readonly ignore_eos: boolean;
}

/**
 * The grammar that a request's tools, schema or own grammar amount to; "" for none.
 *
 * @throws AppError `request-invalid` when an engine could not be held to it
 */
export function answerGrammar(constraint: AnswerConstraint): string {
  const { toolUse, answer, grammar, ignore_eos } = constraint;
  if (toolUse !== undefined) {
    requireAlone("grammar", grammar !== undefined);
    requireAlone("ignore_eos", ignore_eos);
    return toolGrammar(toolUse, answer);
  }
  const paths = { jsonSchema: answer?.path ?? "json_schema", grammar: "grammar" };
  return grammarOf({ jsonSchema: answer?.schema, grammar, paths }, ignore_eos);
}

function requireAlone(path: string, isSent: boolean): void {
  if (!isSent) return;
  const message = 'cannot be sent together with `tools`, but with `tool_choice: "none"`';
  throw requestInvalid([{ path, message }]);
}

/**
 * The grammar of an answer that may call tools. Calls are one JSON array,
 * `[{"name": "NAME", "arguments": {…}}]`, in which every name is a callable tool's and the arguments
 * match its schema. Where text is allowed too it does not begin with `[`: the first character decides.
 *
 * @throws AppError `request-invalid` that names the tool whose schema no grammar can hold
 */
function toolGrammar(use: ToolUse, answer: AnswerSchema | undefined): string {
  const text = use.isRequired ? undefined : answer;
  requireObject(text);
  const calls = callsSchema(use);
  const jsonSchema = {
    ...(text === undefined ? calls : { anyOf: [calls, { $ref: "#/$defs/text" }] }),
    $defs: {
      ...Object.fromEntries(
        use.callable.map(({ name, parameters }) => [
          `tool-${name}`,
          rebased(parameters, `#/$defs/tool-${name}`),
        ]),
      ),
      ...(text !== undefined && { text: rebased(text.schema, "#/$defs/text") }),
    },
  };
  const { grammar, problems } = grammarFor({ schema: jsonSchema, path: "tools" });
  if (problems.length > 0) throw requestInvalid(placedProblems(use, text) ?? problems);
  return use.isRequired || text !== undefined ? grammar : orFreeText(grammar);
}

function grammarFor({ schema, path }: AnswerSchema) {
  const paths = { jsonSchema: path, grammar: "grammar" };
  const constraint = { jsonSchema: schema, grammar: undefined, paths };
  return constraintGrammar(constraint, textBounds.grammarLength);
}

/** The problems of each schema by itself, which have its path; undefined when there are none. */
function placedProblems({ callable }: ToolUse, text: AnswerSchema | undefined) {
  const schemas = callable.map(({ parameters, path }) => ({
    schema: parameters,
    path: `${path}.parameters`,
  }));
  const all = text === undefined ? schemas : [...schemas, text];
  const problems = all.flatMap((each) => grammarFor(each).problems);
  return problems.length > 0 ? problems : undefined;
}

/** Text in a format must not begin as calls do. */
function requireObject(answer: AnswerSchema | undefined): void {
  if (answer === undefined || answer.schema.type === "object") return;
  const message = 'must be "object" together with `tools`: what begins with `[` is read as calls';
  throw requestInvalid([{ path: `${answer.path}.type`, message }]);
}

function callsSchema({ callable, mostCalls }: ToolUse): SchemaKeywords {
  const calls = callable.map(({ name }) => ({
    type: "object",
    properties: { name: { const: name }, arguments: { $ref: `#/$defs/tool-${name}` } },
    required: ["name", "arguments"],
    additionalProperties: false,
  }));
  return { type: "array", items: { anyOf: calls }, minItems: 1, maxItems: mostCalls };
}

/** A grammar's texts, or any other text, even none, that does not begin with `[`. */
function orFreeText(grammar: string): string {
  const calls = grammar.replace(/^root ::= /, "tool-calls ::= ");
  return `root ::= tool-calls | free-text\nfree-text ::= ([^[] [^\\x00]*)?\n${calls}`;
}

/** Keywords whose value is a schema, a list of schemas, or an object of schemas. */
const schemaKeywords = ["items", "additionalProperties"];
const schemaListKeywords = ["anyOf", "allOf"];
const schemaMapKeywords = ["properties", "$defs", "definitions"];

/** A schema with its own references (`#/…`) where it stands inside another one. */
function rebased(schema: unknown, base: string): unknown {
  if (!isObject(schema)) return schema;
  const within = (value: unknown) => rebased(value, base);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === "$ref") return [keyword, rebasedReference(value, base)];
      if (schemaKeywords.includes(keyword)) return [keyword, within(value)];
      if (schemaListKeywords.includes(keyword) && Array.isArray(value)) {
        return [keyword, value.map(within)];
      }
      if (!schemaMapKeywords.includes(keyword) || !isObject(value)) return [keyword, value];
      return [
        keyword,
        Object.fromEntries(Object.entries(value).map(([name, each]) => [name, within(each)])),
      ];
    }),
  );
}

function rebasedReference(reference: unknown, base: string): unknown {
  return typeof reference === "string" ? reference.replace(/^#/, base) : reference;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
