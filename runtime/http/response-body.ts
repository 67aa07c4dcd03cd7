import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Writes a response's body to a stream and ends it, never faster than the stream takes it. A reader
 * who goes away is no error: the body is cancelled, which ends the work behind it.
 */
export async function writeBody(response: Response, stream: Writable): Promise<void> {
  const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
  try {
    await pipeline(body, stream);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** How Node calls a reader who went away. */
const goneCodes = ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"];

function isGone(error: unknown): boolean {
  return goneCodes.includes((error as NodeJS.ErrnoException).code ?? "");
}
