import { createWriteStream, existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { isDeepStrictEqual } from "node:util";
import { readGguf } from "../../../model/gguf.ts";
import { GgufError } from "../../../model/gguf-format.ts";
import { encodeGguf, type GgufContent, ggufByteLength } from "../../../model/gguf-writer.ts";
import { UserError } from "../../../model/user-error.ts";
import { type FreeBytes, requireFreeSpace } from "../../build/free-space.ts";

/** How a file is written. */
interface GenerationTools {
  /** Called with the bytes written so far. */
  onProgress(bytes: number): void;
  readonly signal?: AbortSignal;
  readonly freeBytes?: FreeBytes;
}

/**
 * Writes a made-up model unless it is there. The file gets its name when it is complete; when the
 * writing fails or is stopped, nothing is left.
 *
 * @returns true when it was there already
 * @throws UserError without room on the disk, and when something else is at the path
 */
export async function provideGeneratedModel(
  path: string,
  content: GgufContent,
  { onProgress, signal, freeBytes }: GenerationTools,
): Promise<boolean> {
  if (isThere(path, content)) return true;
  await mkdir(dirname(path), { recursive: true });
  await requireFreeSpace(dirname(path), ggufByteLength(content), freeBytes);
  const partial = `${path}.partial`;
  try {
    const bytes = withProgress(encodeGguf(content), onProgress);
    await pipeline(bytes, createWriteStream(partial, { flush: true }), { signal });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return false;
}

/** True for a file of the same content and length: an incomplete one never has this name. */
function isThere(path: string, content: GgufContent): boolean {
  if (!existsSync(path)) return false;
  try {
    const { size, metadata } = readGguf(path);
    if (size === ggufByteLength(content) && isDeepStrictEqual(metadata, content.metadata))
      return true;
  } catch (error) {
    if (!(error instanceof GgufError)) throw error;
  }
  throw new UserError(
    `${path} is there, and is not this made-up model: remove it, or name another file by OUT`,
  );
}

function* withProgress(chunks: Iterable<Uint8Array>, onProgress: (bytes: number) => void) {
  let bytes = 0;
  for (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    onProgress(bytes);
  }
}
