import type { Problem } from "../errors.ts";
import { jsonFormats, jsonTypes, type SchemaKeywords } from "./json-schema.ts";

/** Counts (lengths, items) may go up to this; each is written out in the grammar. */
const largestCount = 2000;

/** What a keyword must look like; a sentence without subject when it does not. */
type KeywordRule = (value: unknown) => string | undefined;

const fine: KeywordRule = () => undefined;
const when =
  (isFine: (value: unknown) => boolean, message: string): KeywordRule =>
  (value) =>
    isFine(value) ? undefined : message;

const isList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;
const isStrings = (value: unknown) =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
const isNumber = (value: unknown): value is number => typeof value === "number";
const isObject = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNames = (value: unknown) =>
  [value].flat().every((name) => jsonTypes.some((type) => type === name));

const count = when(
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= largestCount,
  `must be a whole number from 0 to ${largestCount}`,
);
const bound = when(isNumber, "must be a number");

/** Keywords that say nothing about the value. */
const companions: readonly string[] = [
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "$schema",
  "$id",
  "$comment",
  "$defs",
  "definitions",
];

/** The keywords that can be enforced, and those that only describe. */
const keywordRules: Readonly<Record<string, KeywordRule>> = {
  ...Object.fromEntries(companions.map((keyword) => [keyword, fine])),
  type: when(
    (value) => [value].flat().length > 0 && isNames(value),
    `must be one or several of ${jsonTypes.join(", ")}`,
  ),
  properties: when(isObject, "must be an object of schemas"),
  required: when(isStrings, "must be a list of names"),
  additionalProperties: fine,
  items: fine,
  minItems: count,
  maxItems: count,
  minLength: count,
  maxLength: count,
  enum: when(isList, "must be a list of values"),
  const: fine,
  anyOf: when(isList, "must be a list of schemas"),
  allOf: when(
    (value) => isList(value) && value.length === 1,
    "can be enforced for a single schema only",
  ),
  $ref: fine,
  format: when(
    (value) => typeof value === "string" && Object.hasOwn(jsonFormats, value),
    `can be enforced for ${Object.keys(jsonFormats).join(", ")} only`,
  ),
  minimum: bound,
  maximum: bound,
  exclusiveMinimum: bound,
  exclusiveMaximum: bound,
};

/** Keywords that stand alone: what stands beside them would have to hold too. */
const aloneKeywords = ["$ref", "const", "enum", "anyOf", "allOf"] as const;

/** Everything in one schema (not those inside it) that cannot be enforced. */
export function keywordProblems(schema: SchemaKeywords, path: string): readonly Problem[] {
  const problems = Object.entries(schema).flatMap(([keyword, value]) => {
    const rule = Object.hasOwn(keywordRules, keyword) ? keywordRules[keyword] : undefined;
    const message = rule ? rule(value) : "is a keyword that cannot be enforced; leave it out";
    return message === undefined ? [] : [{ path: `${path}.${keyword}`, message }];
  });
  // Combinations are checked only where each keyword is valid by itself.
  return problems.length > 0 ? problems : combinationProblems(schema, path);
}

function combinationProblems(schema: SchemaKeywords, path: string): Problem[] {
  const alone = aloneKeywords.find((keyword) => keyword in schema);
  if (alone !== undefined) return besideProblems(schema, path, alone);
  const has = (...keywords: string[]) => keywords.some((keyword) => keyword in schema);
  const { type, minimum = 0 } = schema;
  const { minItems = 0, maxItems = largestCount, minLength = 0, maxLength = largestCount } = schema;
  const isUnboundedNumber = type === undefined || [type].flat().includes("number");
  const isBounded = minimum !== 0 || has("maximum", "exclusiveMinimum", "exclusiveMaximum");
  const isFormatted = has("format") && has("minLength", "maxLength");
  const faults = [
    [Number(minItems) > Number(maxItems), "minItems", "must not be above `maxItems`"],
    [Number(minLength) > Number(maxLength), "minLength", "must not be above `maxLength`"],
    [isUnboundedNumber && isBounded, "type", "must be `integer` for these bounds to be enforced"],
    [isFormatted, "format", "cannot be enforced together with a length"],
  ] as const;
  return faults
    .filter(([isFault]) => isFault)
    .map(([, keyword, message]) => ({ path: `${path}.${keyword}`, message }));
}

function besideProblems(
  schema: SchemaKeywords,
  path: string,
  alone: (typeof aloneKeywords)[number],
): Problem[] {
  // Values have their own type, which must be the one asked for.
  const values = { enum: schema.enum as unknown[], const: [schema.const] }[alone as string];
  const isTyped = values !== undefined && areOfType(values, schema);
  const message = `cannot be enforced together with \`${alone}\``;
  return Object.keys(schema)
    .filter((keyword) => keyword !== alone && !companions.includes(keyword))
    .filter((keyword) => keyword !== "type" || !isTyped)
    .map((keyword) => ({ path: `${path}.${keyword}`, message }));
}

/** Every value is of a type that `type` names. */
function areOfType(values: readonly unknown[], { type }: SchemaKeywords): boolean {
  const names = [...new Set([type].flat())];
  return values.every((value) => names.some((name) => isOfType(value, name)));
}

function isOfType(value: unknown, name: unknown): boolean {
  if (value === null) return name === "null";
  if (Array.isArray(value)) return name === "array";
  if (name === "integer") return Number.isInteger(value);
  return typeof value === name;
}
