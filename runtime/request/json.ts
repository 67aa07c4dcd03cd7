import { AppError } from "../errors.ts";
import { jsonProblem } from "./json-bounds.ts";

/**
 * What a caller sent as JSON, in bounds: neither nested nor numbered without measure.
 *
 * @param sent its bytes in UTF-8, or its text
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
 * @param path what the text is, for the message (`event`, `body`)
 * @throws AppError `request-invalid`; the message names the position but never quotes the text
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
