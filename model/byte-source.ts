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
  const descriptor = attempt("open", path, () => openSync(path, "r"));
  return {
    size: fstatSync(descriptor).size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      readFully(descriptor, path, bytes, offset);
      return bytes;
    },
    close: () => closeSync(descriptor),
  };
}

/** Bytes already in memory. */
export function memoryByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.slice(offset, offset + length),
    close: () => {},
  };
}

function readFully(descriptor: number, path: string, bytes: Uint8Array, offset: number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = attempt("read", path, () =>
      readSync(descriptor, bytes, done, bytes.length - done, offset + done),
    );
    if (count === 0) throw truncated(offset + done);
    done += count;
  }
}

function attempt<Result>(what: "open" | "read", path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw new GgufError("unreadable", `cannot ${what} ${path}`, path, { cause });
  }
}
