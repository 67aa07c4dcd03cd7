import { jsonLiteral } from "./grammar-text.ts";
import type { SchemaKeywords } from "./json-schema.ts";
import type { Conversion } from "./json-schema-conversion.ts";

/** `{…}`: declared properties in their order, or any names where none are declared. */
export function objectExpression(
  conversion: Conversion,
  schema: SchemaKeywords,
  path: string,
  depth: number,
): string {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const names = new Set(Object.keys(properties as object));
  const requiredNames = new Set(required as string[]);
  const others = [...requiredNames].filter((name) => !names.has(name));
  if (names.size + others.length === 0) {
    return mapExpression(conversion, additionalProperties, path, depth);
  }
  if (others.length > 0 && additionalProperties === false) {
    return conversion.report(
      `${path}.required`,
      "names a property that `properties` does not have",
    );
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
