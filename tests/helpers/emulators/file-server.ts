import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "../http-server.ts";

/** How the stand-in for a model hub answers one request. */
export interface FileAnswer {
  readonly body: Uint8Array;
  /** Bytes after which it closes the connection. */
  readonly breakAfter?: number;
  /** Answers with the whole file whatever was asked for. */
  readonly ignoresRange?: boolean;
  /** Answers with this status and no file. */
  readonly status?: number;
  /** Redirects there. */
  readonly location?: string;
  /** Claims this length, whatever the body's is, and stays silent after the body; `null`: none. */
  readonly claimedBytes?: number | null;
  /** Sends a part that starts so many bytes later than was asked for. */
  readonly skippedBytes?: number;
}

/** A stand-in for a model hub on loopback, and the requests that it saw. */
export type FileServer = Awaited<ReturnType<typeof startFileServer>>;

/** Answers request after request by the given answers; the last one counts for all further ones. */
export async function startFileServer(...answers: readonly FileAnswer[]) {
  const requests: { url: string; headers: IncomingMessage["headers"] }[] = [];
  const server = await serve((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push({ url: request.url ?? "", headers: request.headers });
    if (answer) respond(request, response, answer);
  });
  return { ...server, requests };
}

function respond(request: IncomingMessage, response: ServerResponse, answer: FileAnswer): void {
  if (answer.location !== undefined) {
    response.writeHead(302, { location: answer.location }).end();
    return;
  }
  if (answer.status !== undefined) {
    response.writeHead(answer.status).end("no");
    return;
  }
  const asked = answer.ignoresRange ? 0 : rangeStart(request);
  const start = asked > 0 ? asked + (answer.skippedBytes ?? 0) : 0;
  const part = answer.body.subarray(start);
  const headers = {
    ...(answer.claimedBytes !== null && { "content-length": answer.claimedBytes ?? part.length }),
    ...(start > 0 && {
      "content-range": `bytes ${start}-${answer.body.length - 1}/${answer.body.length}`,
    }),
  };
  response.writeHead(start > 0 ? 206 : 200, headers);
  if (answer.breakAfter === undefined || answer.breakAfter >= part.length) {
    response.end(part);
    return;
  }
  response.write(part.subarray(0, answer.breakAfter), () => response.socket?.end());
}

function rangeStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
}
