/**
 * Levels of a value at most: a JSON schema may have 64, each two or three levels of JSON. Far below
 * what recursion (`JSON.stringify`, for one) can bear.
 */
export const deepestJson = 256;

/**
 * Values inside a value at most. Far more than a conversation that fits into the context or a
 * schema that a grammar can hold, and few enough to be looked at in some milliseconds.
 */
export const mostJsonValues = 20_000;

/** What is wrong with the size of a value from JSON, whatever it means; found level by level. */
export function jsonProblem(value: unknown): string | undefined {
  let containers = [value].filter(isContainer);
  let values = 0;
  for (let depth = 0; containers.length > 0; depth++) {
    if (depth === deepestJson) return `is nested deeper than ${deepestJson}`;
    const level = containers.flatMap((container) => Object.values(container) as unknown[]);
    values += level.length;
    if (values > mostJsonValues) {
      return `holds more than ${mostJsonValues} values; send fewer messages or a smaller schema`;
    }
    containers = level.filter(isContainer);
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
