import { rmSync } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { onExit } from "signal-exit";
import { openByteSource } from "../../../model/byte-source.ts";
import {
  encodeGguf,
  encodeGgufHead,
  type GgufContent,
  ggufByteLength,
} from "../../../model/gguf-writer.ts";
import { UserError } from "../../../model/user-error.ts";
import { type FreeBytes, isDiskFull, requireFreeSpace } from "../../build/free-space.ts";

/** How a file is written. */
interface GenerationTools {
  /** Called with the bytes written so far. */
  onProgress(bytes: number): void;
  readonly signal?: AbortSignal;
  readonly freeBytes?: FreeBytes;
}

/**
 * Writes a made-up model unless it is there. The file gets its name when it is complete; when the
 * writing is stopped, by anything but SIGKILL, nothing is left.
 *
 * @returns true when it was there already
 * @throws UserError when the disk is full, and when something else is at the path
 */
export async function provideGeneratedModel(
  path: string,
  content: GgufContent,
  tools: GenerationTools,
): Promise<boolean> {
  if (await isThere(path, content)) return true;
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  await requireFreeSpace(folder, ggufByteLength(content), tools.freeBytes);
  const partial = `${path}.partial`;
  const forget = onExit(() => rmSync(partial, { force: true }));
  try {
    await write(partial, content, tools);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw isDiskFull(error) ? diskFull(path, error) : error;
  } finally {
    forget();
  }
  return false;
}

/** True for a file of the same length and layout: an incomplete one never has this name. */
async function isThere(path: string, content: GgufContent): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isFile() && found.size === ggufByteLength(content)) {
    const source = openByteSource(path);
    const head = encodeGgufHead(content);
    const isSame = head.equals(source.read(0, head.length));
    source.close();
    if (isSame) return true;
  }
  throw new UserError(
    `${path} is there, and is not this made-up model: remove it, or name another file by OUT`,
  );
}

async function write(
  path: string,
  content: GgufContent,
  { onProgress, signal }: GenerationTools,
): Promise<void> {
  const file = await open(path, "w");
  try {
    let bytes = 0;
    for (const chunk of encodeGguf(content)) {
      signal?.throwIfAborted();
      await file.writeFile(chunk);
      bytes += chunk.length;
      onProgress(bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function diskFull(path: string, cause: unknown): UserError {
  const message = `${path}: the disk is full. Nothing was kept: make room and run this again`;
  return new UserError(message, { cause });
}
