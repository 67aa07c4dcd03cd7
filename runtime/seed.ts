import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

/** One more than the largest seed: llama.cpp reads 2^32-1 as "random". */
export const randomSeeds = 2 ** 32 - 1;

/**
 * A seed from fresh random bytes and the request's own id. Copies restored from one snapshot have
 * the same memory, the state of a random number generator included; the id, which Lambda gives no
 * two requests, keeps their seeds apart even if the bytes were the same.
 *
 * @param randomBytes from the operating system, read for this request
 * @returns a whole number from 0 to 2^32-2
 */
export function seedOf(randomBytes: Uint8Array, requestId: string): number {
  const digest = createHash("sha256").update(randomBytes).update(requestId).digest();
  return Number(digest.readBigUInt64BE() % BigInt(randomSeeds));
}

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
