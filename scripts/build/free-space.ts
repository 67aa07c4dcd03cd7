import { statfs } from "node:fs/promises";
import { UserError } from "../../model/user-error.ts";

/** Free space left untouched, in bytes. */
const spareBytes = 64 * 1024 * 1024;

/** Bytes free for us on the disk that holds a folder. */
export type FreeBytes = (folder: string) => Promise<number>;

/** {@link FreeBytes} as the operating system tells it. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws UserError when a folder's disk has no room for so many bytes more */
export async function requireFreeSpace(
  folder: string,
  bytes: number,
  freeBytes: FreeBytes = freeBytesOf,
): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= bytes + spareBytes) return;
  throw new UserError(
    `${folder}: ${gigabytes(bytes + spareBytes)} GB are needed, ${gigabytes(free)} GB are free: make room and run this again`,
  );
}

/** Whether an error is the system's word that a disk, or a share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);
