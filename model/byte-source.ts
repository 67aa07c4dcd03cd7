import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { GgufError, truncated } from "./gguf-format.ts";

/** Random access to bytes: a file, or memory in tests. */
export interface ByteSource {
  readonly size: number;
  /** Bytes [offset, offset + length), which must lie inside `size`. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Opens a file. Throws GgufError `unreadable`, with the system's error as its cause. */
export function openByteSource(path: string): ByteSource {
  try {
    const descriptor = openSync(path, "r");
    const { size } = fstatSync(descriptor);
    return {
      size,
      read: (offset, length) => readFully(descriptor, { path, offset, length }),
      close: () => closeSync(descriptor),
    };
  } catch (cause) {
    throw new GgufError("unreadable", `cannot open ${path}`, path, { cause });
  }
}

/** Bytes already in memory. */
export function memoryByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.slice(offset, offset + length),
    close: () => {},
  };
}

function readFully(
  descriptor: number,
  { path, offset, length }: { path: string; offset: number; length: number },
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readOnce(descriptor, path, bytes.subarray(done), offset + done);
    if (count === 0) throw truncated(offset + done);
    done += count;
  }
  return bytes;
}

function readOnce(descriptor: number, path: string, into: Uint8Array, position: number): number {
  try {
    return readSync(descriptor, into, 0, into.length, position);
  } catch (cause) {
    throw new GgufError("unreadable", `cannot read ${path}`, path, { cause });
  }
}
