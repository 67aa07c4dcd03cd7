import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { AppError } from "../errors.ts";
import { errorResponse } from "../openai/error-response.ts";
import type { App } from "./app.ts";
import { payloadBytes } from "./invoke-api.ts";
import { writeBody } from "./response-body.ts";

/** Hosts mean nothing here: only this machine can reach the server. */
const anyHost = "http://localhost";

/**
 * The HTTP core behind `node:http`.
 *
 * @param limitMs time a request may take, as Lambda would allow
 */
export function nodeListener(app: App, limitMs: number): RequestListener {
  return (message, response) => {
    answer(app, limitMs, message, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  };
}

async function answer(
  app: App,
  limitMs: number,
  message: IncomingMessage,
  nodeResponse: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  nodeResponse.on("close", () => {
    if (!nodeResponse.writableFinished) gone.abort();
  });
  const endsAt = performance.now() + limitMs;
  const requestId = randomUUID();
  const request = webRequest(message, await readBody(message));
  const call = { requestId, remainingMs: () => endsAt - performance.now(), signal: gone.signal };
  const response =
    request instanceof Request ? await app(request, call) : refusal(request, requestId);
  if (nodeResponse.destroyed) return void response.body?.cancel();
  nodeResponse.writeHead(response.status, Object.fromEntries(response.headers));
  await writeBody(response, nodeResponse);
}

/** The web request that a message is, or why it is none. */
function webRequest(message: IncomingMessage, body: Buffer): Request | AppError {
  const { method = "GET", headersDistinct } = message;
  const target = targetOf(message);
  if (target === undefined) {
    return new AppError("request-invalid", "the request's target is no path and no URL");
  }
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    return new Request(target, { method, headers, body: hasBody ? body : null });
  } catch {
    return new AppError("route-unknown", "there is no route of this method");
  }
}

/** A request's target: a path, which may look like another host's, or a URL as proxies get it. */
function targetOf({ url = "/" }: IncomingMessage): URL | undefined {
  if (url.startsWith("/")) return new URL(`${anyHost}${url}`);
  if (!URL.canParse(url, anyHost)) return undefined;
  const { pathname, search } = new URL(url, anyHost);
  return new URL(`${anyHost}${pathname}${search}`);
}

/** What cannot be a web request is refused like what the HTTP core refuses. */
function refusal(error: AppError, requestId: string): Response {
  const { status, body } = errorResponse(error, requestId);
  return Response.json(body, { status, headers: { "x-request-id": requestId } });
}

/**
 * A body to its end, since a connection with something left unread cannot be used again. Of one
 * that is longer than Lambda takes just enough is kept to see that it is.
 */
async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    if (length <= payloadBytes) chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}
