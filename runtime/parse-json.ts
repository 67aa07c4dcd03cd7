import { AppError } from "./errors.ts";

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
    throw new AppError("request-invalid", `${path}: ${message}`, { problems: [{ path, message }] });
  }
}
