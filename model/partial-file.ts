import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";

/** What has come of a file so far, under a name of its own until it is whole and right. */
export interface PartialFile {
  /** Bytes that are there. */
  readonly bytes: number;
  /** The server's mark of the file they are of; `undefined` when it gave none. */
  readonly etag: string | undefined;
  append(chunk: Uint8Array): Promise<void>;
  /** Throws away what is there and notes the mark of what comes. */
  startOver(etag: string | undefined): Promise<void>;
  /** sha256 of what is there, as hex. */
  sha256(): string;
  /** Gives the file its name, when all is on the disk. */
  finish(): Promise<void>;
  /** Lets go of the file; what is there stays for the next time. */
  close(): Promise<void>;
}

/** The name a file has while it is not whole. */
export const partialPath = (path: string) => `${path}.partial`;
const etagPath = (path: string) => `${partialPath(path)}.etag`;

/** Takes up the partial file of an earlier try, hashing what is there, or starts one. */
export async function openPartialFile(path: string): Promise<PartialFile> {
  const partial = partialPath(path);
  let hash = createHash("sha256");
  let bytes = await hashFile(partial, hash);
  let etag = bytes > 0 ? await readText(etagPath(path)) : undefined;
  const file = await open(partial, "a");
  return {
    get bytes() {
      return bytes;
    },
    get etag() {
      return etag;
    },
    async append(chunk) {
      // Not the handle's appendFile: a short write must not count for more than was written.
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, at);
        at += bytesWritten;
      }
      hash.update(chunk);
      bytes += chunk.length;
    },
    async startOver(newEtag) {
      await file.truncate(0);
      hash = createHash("sha256");
      bytes = 0;
      etag = newEtag;
      if (etag === undefined) await rm(etagPath(path), { force: true });
      else await writeFile(etagPath(path), etag);
    },
    sha256: () => hash.copy().digest("hex"),
    async finish() {
      await file.sync();
      await rename(partial, path);
      await rm(etagPath(path), { force: true });
    },
    close: () => file.close(),
  };
}

/** Feeds a file to a hash and returns its length; 0 for a file that is not there. */
async function hashFile(path: string, hash: Hash): Promise<number> {
  const isThere = await stat(path).catch(() => undefined);
  if (!isThere) return 0;
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
