import { closeSync, openSync, readSync } from "node:fs";

/**
 * Bytes straight from the kernel, which takes fresh entropy when a snapshot is restored. Node's own
 * `randomInt` and `randomUUID` serve from a buffer filled earlier, maybe before the snapshot.
 */
export function kernelRandomBytes(count: number): Uint8Array {
  const file = openSync("/dev/urandom", "r");
  try {
    const bytes = Buffer.alloc(count);
    readSync(file, bytes);
    return bytes;
  } finally {
    closeSync(file);
  }
}
