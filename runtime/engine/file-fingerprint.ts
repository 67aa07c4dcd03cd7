import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes read from either end. */
const sampleBytes = 64 * 1024;

/**
 * A name for a file's content: its size, its beginning and its end. Enough to tell one build of an
 * engine or one model from the next, without reading a gigabyte at every start.
 */
export function fileFingerprint(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const hash = createHash("sha256").update(String(size));
    for (const at of [0, Math.max(0, size - sampleBytes)]) {
      const sample = Buffer.alloc(Math.min(sampleBytes, size));
      readSync(file, sample, 0, sample.length, at);
      hash.update(sample);
    }
    return hash.digest("hex");
  } finally {
    closeSync(file);
  }
}
