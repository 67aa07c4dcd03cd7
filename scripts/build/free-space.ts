import { statfs } from "node:fs/promises";
import { UserError } from "../../model/user-error.ts";

/** Free space left untouched, in bytes. */
const spareBytes = 64 * 1024 * 1024;

/** Bytes that may be written to the disk of a folder. */
export type FreeBytes = (folder: string) => Promise<number>;

/** @throws UserError when the disk of a folder has no room for so many more bytes */
export async function requireFreeSpace(
  folder: string,
  bytes: number,
  freeBytes: FreeBytes = async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= bytes + spareBytes) return;
  throw new UserError(
    `${folder}: ${gigabytes(bytes + spareBytes)} GB are needed, ${gigabytes(free)} GB are free: make room and run this again`,
  );
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);
