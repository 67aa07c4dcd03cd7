import { AppError } from "../errors.ts";

/**
 * What a caller sent as JSON: its bytes in UTF-8, or its text, within the bounds of nesting and size.
 *
 * @param path what it is, for the message
 * @throws AppError `request-invalid`
 */
export function parseSentJson(sent: Uint8Array | string, path: string): unknown {
  const text = typeof sent === "string" ? sent : decoded(sent, path);
  return requireBounds(parseJson(text, path), path);
}

/** A value from JSON that a caller sent. @throws AppError `request-invalid` when it is out of bounds */
export function requireBounds(value: unknown, path: string): unknown {
  const problem = jsonProblem(value);
  if (problem !== undefined) throw invalid(path, problem);
  return value;
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid(path, "is not UTF-8; send JSON as plain text, not compressed");
  }
}

/**
 * JSON text to a value. The only `JSON.parse` on text from outside.
 *
 * @throws AppError `request-invalid`, which names the position and never quotes the text
 */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    const where = position === undefined ? "" : ` (at character ${position})`;
    const message =
      text.trim() === "" ? "is empty; send a JSON object" : `is not valid JSON${where}`;
    throw invalid(path, message);
  }
}

function invalid(path: string, message: string): AppError {
  return new AppError("request-invalid", `${path}: ${message}`, { problems: [{ path, message }] });
}

/**
 * Maximum nesting of a value: a schema's 64 levels have two or three each. Recursion takes far more.
 */
export const deepestJson = 256;

/** Maximum number of values inside a value: far more than the context or a grammar can hold. */
export const mostJsonValues = 20_000;

/** What is wrong with the size of a value from JSON; found level by level. */
function jsonProblem(value: unknown): string | undefined {
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
