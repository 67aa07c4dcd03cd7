import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { App } from "./app.ts";
import { writeBody } from "./response-body.ts";

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
  const response = await app(webRequest(message), {
    requestId: randomUUID(),
    remainingMs: () => endsAt - performance.now(),
    signal: gone.signal,
  });
  if (nodeResponse.destroyed) return void response.body?.cancel();
  nodeResponse.writeHead(response.status, Object.fromEntries(response.headers));
  await writeBody(response, nodeResponse);
}

function webRequest(message: IncomingMessage): Request {
  const { method = "GET", url = "/", headersDistinct } = message;
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(new URL(url, "http://localhost"), {
    method,
    headers,
    ...(hasBody && { body: Readable.toWeb(message) as ReadableStream, duplex: "half" }),
  });
}
