import { AppError } from "../errors.ts";
import { parseSentJson } from "../request/json.ts";

/**
 * Longest body in bytes: the longest prompt with every character as `\uXXXX`, and room for a schema.
 * Lambda takes 6 MB.
 */
export const longestBody = 2 * 1024 * 1024;

/**
 * A request's body as a JSON value.
 *
 * @throws AppError `payload-too-large`, `request-invalid`
 */
export async function readJson(request: Request): Promise<unknown> {
  if (Number(request.headers.get("content-length")) > longestBody) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > longestBody) throw tooLarge();
    chunks.push(chunk);
  }
  return parseSentJson(Buffer.concat(chunks), "body");
}

function tooLarge(): AppError {
  return new AppError("payload-too-large", `the body must be at most ${longestBody} bytes`);
}
