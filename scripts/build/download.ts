import { statSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../model/user-error.ts";
import { sha256OfFile } from "../../model/verified-file.ts";
import type { CommandResult } from "../cli/run-command.ts";
import { curlReason, runCurl } from "./curl.ts";
import { type FreeBytes, requireFreeSpace } from "./free-space.ts";

/** A file to fetch, and what it must be. */
export interface Download {
  readonly url: string;
  /** Its place; until it is complete and checked it has the suffix `.partial`. */
  readonly path: string;
  readonly bytes: number;
  /** As hex. */
  readonly sha256: string;
  /** Sent to the host of `url` alone. */
  readonly token?: string | undefined;
}

/** How a download behaves. */
export interface DownloadOptions {
  /** Called twice a second with the bytes received so far, those of earlier runs included. */
  readonly onProgress: (bytes: number) => void;
  readonly signal?: AbortSignal;
  readonly freeBytes?: FreeBytes;
  /** Pause before the first repetition in milliseconds, doubled for each further one. Default: 1000. */
  readonly pauseMs?: number;
  /** Longest silence of the server in seconds. Default: 30. */
  readonly stallSeconds?: number;
}

/** Attempts in a row without a byte before a download is given up. */
const fruitlessTries = 5;

const progressMs = 500;

/**
 * Fetches a file with curl, resuming an earlier run or a broken connection. It gets its name once
 * its length and sha256 are right.
 *
 * @throws UserError that says what to do; the part is kept unless it is of another file
 */
export async function download(file: Download, options: DownloadOptions): Promise<void> {
  const partial = `${file.path}.partial`;
  await mkdir(dirname(file.path), { recursive: true });
  if (bytesOf(partial) > file.bytes) await rm(partial);
  await requireFreeSpace(dirname(file.path), file.bytes - bytesOf(partial), options.freeBytes);
  const progress = setInterval(() => options.onProgress(bytesOf(partial)), progressMs);
  try {
    await fetchPinned(file, partial, options);
  } finally {
    clearInterval(progress);
  }
  options.onProgress(file.bytes);
  const written = await open(partial, "r+");
  await written.sync().finally(() => written.close());
  await rename(partial, file.path);
}

async function fetchPinned(file: Download, partial: string, options: DownloadOptions) {
  const isInOnePiece = await fetchMissing(file, partial, options);
  let difference = await differenceFrom(file, partial);
  if (difference !== undefined && !isInOnePiece) {
    // The pieces are damaged, or of two files.
    await rm(partial, { force: true });
    await fetchMissing(file, partial, options);
    difference = await differenceFrom(file, partial);
  }
  if (difference === undefined) return;
  await rm(partial, { force: true });
  throw new UserError(
    `${file.url}: the file is not the pinned one\n${difference}\nNothing was kept. If the model was published anew, check it and change container/pins.env.`,
  );
}

/** Fetches what is missing. Returns true when a single request brought the complete file. */
async function fetchMissing(
  file: Download,
  partial: string,
  { signal, pauseMs = 1000, stallSeconds }: DownloadOptions,
): Promise<boolean> {
  let fruitless = 0;
  const bytesBefore = bytesOf(partial);
  for (let tries = 1, bytes = bytesBefore; bytes < file.bytes; tries++) {
    const result = await fetchOnce(file, partial, stallSeconds);
    signal?.throwIfAborted();
    if (result.exitCode === 0) return tries === 1 && bytesBefore === 0;
    const reason = passingReason(file, result);
    if (result.exitCode === curlCannotResume) await rm(partial, { force: true });
    const bytesNow = bytesOf(partial);
    fruitless = bytesNow > bytes ? 1 : fruitless + 1;
    if (fruitless >= fruitlessTries) throw new UserError(`${file.url}: ${reason}\n${otherWays}`);
    bytes = bytesNow;
    await sleep(pauseMs * 2 ** (fruitless - 1), undefined, { signal });
  }
  return false;
}

/** One request for what is missing. Curl writes the HTTP status to standard output. */
function fetchOnce(file: Download, partial: string, stallSeconds: number | undefined) {
  return runCurl({
    url: file.url,
    stallSeconds,
    headers: file.token ? { authorization: `Bearer ${file.token}` } : {},
    flags: [
      ...["--fail", "--continue-at", "-", "--max-filesize", String(file.bytes)],
      ...["--no-buffer", "--output", partial, "--write-out", "%{http_code}"],
    ],
  });
}

const howToResume = "The part received so far is kept: run this again to resume.";

const otherWays = `${howToResume} MODEL_BASE_URL names a mirror, HTTPS_PROXY a proxy, BITNET_MODEL a model file of your own.`;

// Exit codes of curl, from its manual; from 128 on, a signal ended it.
const curlHttpError = 22;
const curlCannotResume = 33;
const permanentReasons: Readonly<Record<number, string>> = {
  3: "this is not a valid address: check MODEL_BASE_URL",
  23: "the file cannot be written, probably because the disk is full. The part received so far is kept: make room and run this again",
  60: "the server's certificate is not trusted: name your certificates by CURL_CA_BUNDLE",
  63: "the server's file is larger than the pinned one: it is another file",
};

const statusReasons: Readonly<Record<string, string>> = {
  401: "the server wants a login (status 401): set HF_TOKEN if the repository is private",
  403: "the server refuses access (status 403): check HF_TOKEN, or the mirror in MODEL_BASE_URL",
  404: "the server has no such file (status 404): check MODEL_REPOSITORY, MODEL_REVISION and MODEL_FILE in container/pins.env, or the mirror in MODEL_BASE_URL",
};

/** Why a request failed that may succeed later. @throws UserError when it will not */
function passingReason({ url }: Download, result: CommandResult): string {
  const { exitCode, stdout: status } = result;
  const permanent = permanentReasons[exitCode];
  if (permanent) throw new UserError(`${url}: ${permanent}\n${curlReason(result)}`);
  if (exitCode >= 128) throw new UserError(`${url}: curl was stopped. ${howToResume}`);
  if (exitCode !== curlHttpError) return curlReason(result);
  const reason = statusReasons[status] ?? `the server answered with status ${status}`;
  if (/^(408|429|5\d\d)$/.test(status)) return reason;
  throw new UserError(`${url}: ${reason}`);
}

/** How a fetched file differs from the pinned one; `undefined` when it does not. */
async function differenceFrom(file: Download, path: string): Promise<string | undefined> {
  const bytes = bytesOf(path);
  if (bytes !== file.bytes) return `  bytes  ${bytes}\n  pinned ${file.bytes}`;
  const sha256 = await sha256OfFile(path);
  return sha256 === file.sha256 ? undefined : `  sha256 ${sha256}\n  pinned ${file.sha256}`;
}

/** 0 for a file that is not there. */
function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
