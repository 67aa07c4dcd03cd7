import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";

/** A receipt beside a large file: its sha256, with size, time and inode of that moment. */
const receiptPath = (path: string) => `${path}.sha256`;

/**
 * The sha256 of a file, as hex; `undefined` when there is no such file. A file that has not changed
 * since its receipt was written (same size, time and inode) is not read again.
 */
export async function knownSha256(path: string): Promise<string | undefined> {
  const mark = await fileMark(path);
  if (mark === undefined) return undefined;
  const [sha256, ...noted] = (await readFile(receiptPath(path), "utf8").catch(() => "")).split(" ");
  return sha256 && noted.join(" ") === mark ? sha256 : await sha256OfFile(path);
}

/** Writes the receipt of a file whose sha256 was just computed. */
export async function writeReceipt(path: string, sha256: string): Promise<void> {
  await writeFile(receiptPath(path), `${sha256} ${await fileMark(path)}`);
}

/** The sha256 of a file's bytes, as hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}

async function fileMark(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && `${stats.size} ${stats.mtimeNs} ${stats.ino}`;
}
