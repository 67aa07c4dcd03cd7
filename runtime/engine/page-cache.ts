import { type FileHandle, open } from "node:fs/promises";

/** Readers side by side: as many as Node has threads for files. */
const readers = 4;

/** Bytes of one read. */
const chunkBytes = 1024 * 1024;

/**
 * Reads a file into the page cache by several sequential readers, the fastest way to fetch an image's
 * layers; the engine, which maps it, would touch pages here and there.
 *
 * @returns the bytes read
 */
export async function readIntoPageCache(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const share = Math.ceil(size / readers);
    const shares = Array.from({ length: readers }, (_, at) =>
      readShare(file, at * share, Math.min(size, (at + 1) * share)),
    );
    const bytes = await Promise.all(shares);
    return bytes.reduce((sum, count) => sum + count, 0);
  } finally {
    await file.close();
  }
}

/** Reads from `start` to before `end`, into one buffer over and over. */
async function readShare(file: FileHandle, start: number, end: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let at = start;
  while (at < end) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(chunkBytes, end - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return Math.max(0, at - start);
}
