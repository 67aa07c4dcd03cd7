import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { handler } from "./handler.ts";
import { payloadBytes } from "./http/invocation-outcome.ts";
import { createInvokeApi } from "./http/invoke-api.ts";

/** What the local server is told. */
export interface LocalServerOptions {
  /** Name that callers invoke the function by. */
  readonly functionName: string;
  /** TCP port on this machine only; 0 takes any free one. */
  readonly port: number;
  /** Time an invocation has. */
  readonly timeoutMs: number;
}

/** A running local server. */
export interface LocalServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The composition root on the user's own machine: the Lambda handler behind Lambda's Invoke API.
 *
 * @throws when the port is taken
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const api = createInvokeApi({
    functionName: options.functionName,
    timeoutMs: options.timeoutMs,
    invoke: handler,
    newRequestId: randomUUID,
    now: () => performance.now(),
  });
  const server = createServer((message, response) => {
    answer(api, message, response).catch(() => response.destroy());
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(
  api: ReturnType<typeof createInvokeApi>,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "/", headersDistinct } = message;
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = method === "GET" || method === "HEAD" ? null : await readBody(message);
  const request = new Request(new URL(url, "http://localhost"), { method, headers, body });
  const answered = (await api(request)) ?? new Response("not found\n", { status: 404 });
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}

/** A body, cut off once it is certain that it is too long: the API refuses it by its length. */
async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += chunk.length;
    if (length <= payloadBytes + chunk.length) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
