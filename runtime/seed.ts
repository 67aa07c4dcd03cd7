import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

/** One more than the largest seed: llama.cpp reads 2^32-1 as "random". */
export const randomSeeds = 2 ** 32 - 1;

/**
 * A seed from fresh random bytes and the request's own id, which keeps copies restored from one
 * snapshot apart even if their bytes were the same.
 *
 * @returns a whole number from 0 to 2^32-2
 */
export function seedOf(randomBytes: Uint8Array, requestId: string): number {
  const digest = createHash("sha256").update(randomBytes).update(requestId).digest();
  return Number(digest.readBigUInt64BE() % BigInt(randomSeeds));
}

/**
 * Bytes straight from the kernel: Node's own generators serve from a buffer filled earlier, maybe before
 * the snapshot.
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
