import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { App } from "./app.ts";
import { payloadBytes } from "./invocation-outcome.ts";
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
  const response = await app(await webRequest(message), {
    requestId: randomUUID(),
    remainingMs: () => endsAt - performance.now(),
    signal: gone.signal,
  });
  if (nodeResponse.destroyed) return void response.body?.cancel();
  nodeResponse.writeHead(response.status, Object.fromEntries(response.headers));
  await writeBody(response, nodeResponse);
}

async function webRequest(message: IncomingMessage): Promise<Request> {
  const { method = "GET", url = "/", headersDistinct } = message;
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = method === "GET" || method === "HEAD" ? null : await readBody(message);
  return new Request(new URL(url, "http://localhost"), { method, headers, body });
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
