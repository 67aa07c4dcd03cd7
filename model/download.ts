import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Response } from "undici";
import { type FreeBytes, isDiskFull, requireFreeSpace } from "./free-space.ts";
import type { HttpGet } from "./http-client.ts";
import { openPartialFile, type PartialFile } from "./partial-file.ts";
import { rangeHeaders, readRangeAnswer } from "./range-answer.ts";
import { UserError } from "./user-error.ts";

/** A file to fetch, and what it must be. */
export interface Download {
  readonly url: string;
  /** Where it goes; until it is whole and right it has the suffix `.partial`. */
  readonly path: string;
  readonly bytes: number;
  /** As hex. */
  readonly sha256: string;
  /** Sent along, to the first host only when it redirects. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a download needs of the world. */
export interface DownloadTools {
  readonly get: HttpGet;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Bytes that are there, those of earlier tries included. */
  readonly onProgress: (receivedBytes: number) => void;
  readonly signal?: AbortSignal;
  readonly freeBytes?: FreeBytes;
}

/** Tries that bring nothing, one after the other, before a download is given up. */
const fruitlessTries = 5;

/** Pause before the first repetition, in milliseconds; doubled for each further one. */
const firstPauseMs = 1000;

/**
 * Fetches a file, taking up where an earlier try stopped, and repeats what the network breaks off.
 * The file gets its name only when its length and sha256 are right.
 *
 * @throws UserError, `unreachable`, or `mismatch` when the server has another file
 */
export async function download(file: Download, tools: DownloadTools): Promise<void> {
  await mkdir(dirname(file.path), { recursive: true });
  const partial = await openPartialFile(file.path);
  try {
    await requireFreeSpace(dirname(file.path), file.bytes - partial.bytes, tools.freeBytes);
    const isTakenUp = partial.bytes > 0;
    await receiveAll(file, partial, tools);
    // What an earlier try left may be damaged or of another file: then the whole file is fetched.
    if (isTakenUp && partial.sha256() !== file.sha256) {
      await partial.startOver(undefined);
      await receiveAll(file, partial, tools);
    }
    await requireSha256(file, partial);
    await partial.finish();
  } catch (error) {
    throw isDiskFull(error) ? diskFull(file, error) : error;
  } finally {
    await partial.close();
  }
}

async function receiveAll(file: Download, partial: PartialFile, tools: DownloadTools) {
  let fruitless = 0;
  while (partial.bytes < file.bytes) {
    const before = partial.bytes;
    const failure = await receive(file, partial, tools);
    tools.signal?.throwIfAborted();
    if (failure === undefined) continue;
    fruitless = partial.bytes > before ? 1 : fruitless + 1;
    if (fruitless >= fruitlessTries) throw unreachable(file, failure);
    await tools.sleep(firstPauseMs * 2 ** (fruitless - 1));
  }
}

/** Why a try did not bring all, when another one may. */
interface Failure {
  readonly reason: string;
  readonly cause?: unknown;
}

/** One request. */
async function receive(
  file: Download,
  partial: PartialFile,
  tools: DownloadTools,
): Promise<Failure | undefined> {
  const state = { haveBytes: partial.bytes, haveEtag: partial.etag, wantBytes: file.bytes };
  const response = await request(file, rangeHeaders(state), tools);
  if ("reason" in response) return response;
  const answer = readRangeAnswer(response, state);
  switch (answer.kind) {
    case "refused":
      throw new UserError(`${file.url}: ${answer.reason}`);
    case "other-file":
      throw new UserError(`${file.url}: ${answer.reason}`);
    case "try-later":
      return answer;
    case "ask-again":
      await partial.startOver(undefined);
      return { reason: "the file has changed on the server since the last try" };
    case "start-over":
      await partial.startOver(response.headers.get("etag") ?? undefined);
      return store(response, file, partial, tools);
    case "continue":
      return store(response, file, partial, tools);
    default:
      return answer satisfies never;
  }
}

async function request(
  file: Download,
  headers: Readonly<Record<string, string>>,
  { get, signal }: DownloadTools,
): Promise<Response | Failure> {
  try {
    return await get(file.url, {
      headers: { ...file.headers, ...headers },
      ...(signal && { signal }),
    });
  } catch (error) {
    return networkFailure(error);
  }
}

/** Writes what comes. An error of the network is returned, one of the disk is thrown. */
async function store(
  response: Response,
  file: Download,
  partial: PartialFile,
  { onProgress }: DownloadTools,
): Promise<Failure | undefined> {
  const chunks = response.body?.[Symbol.asyncIterator]();
  while (chunks) {
    const next = await chunks.next().catch(networkFailure);
    if ("reason" in next) return next;
    if (next.done) break;
    if (partial.bytes + next.value.length > file.bytes) {
      throw new UserError(`${file.url}: more than the pinned ${file.bytes} bytes`);
    }
    await partial.append(next.value);
    onProgress(partial.bytes);
  }
  return partial.bytes < file.bytes ? { reason: "the connection ended early" } : undefined;
}

async function requireSha256(file: Download, partial: PartialFile): Promise<void> {
  const sha256 = partial.sha256();
  if (sha256 === file.sha256) return;
  // Of no use to any later try.
  await partial.startOver(undefined);
  throw new UserError(
    `${file.url}: the file is not the pinned one\n  sha256 ${sha256}\n  pinned ${file.sha256}\nNothing was kept. If the model was published anew, check it and change container/pins.env.`,
  );
}

/** The client says "fetch failed"; what the system said is beneath. */
function networkFailure(error: unknown): Failure {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return { reason: cause?.message || message || String(error), cause: error };
}

function unreachable(file: Download, { reason, cause }: Failure): UserError {
  return new UserError(
    `${file.url}: ${reason}\nWhat has come so far is kept: run this again to go on. A mirror can be named by MODEL_BASE_URL, a proxy by HTTPS_PROXY, a file of yours by BITNET_MODEL.`,
    { cause },
  );
}

function diskFull(file: Download, cause: unknown): UserError {
  const message = `${file.path}: the disk is full. What has come so far is kept: make room and run this again`;
  return new UserError(message, { cause });
}
