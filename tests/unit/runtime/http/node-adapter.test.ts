import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { nodeListener } from "../../../../runtime/http/node-adapter.ts";
import type { Line } from "../../../helpers/fakes/scripted-service.ts";
import { type AppScript, chatBody, scriptedCore } from "../../../helpers/http-app.ts";
import { type RunningServer, serve } from "../../../helpers/http-server.ts";
import { waitUntil } from "../../../helpers/processes.ts";

let server: RunningServer;
afterEach(() => server.close());

/** Starts the HTTP core on a scripted engine behind `node:http`. */
async function start(script: AppScript): Promise<void> {
  server = await serve(nodeListener(scriptedCore(script).app, 120_000));
}

const post = (path: string, body: object, signal?: AbortSignal) =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });

/** Sends bytes and gives all that comes back. */
async function sendRaw(request: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.end(request);
  return text(socket);
}

const chat = { ...chatBody, stream: true };

describe("the HTTP core behind node:http", () => {
  it("gives each request an id of its own", async () => {
    await start({});

    const responses = [await fetch(`${server.url}/health`), await fetch(`${server.url}/health`)];

    expect(new Set(responses.map(({ headers }) => headers.get("x-request-id"))).size).toBe(2);
  });

  // Whether the stream or the call is over first decides about the event.
  const left = { level: "info" };
  const failed = { level: "info", event: "request_failed", fields: { kind: "client-aborted" } };

  it.each([
    ["in the middle of a stream", ["one"], chat, left],
    ["before the first word of a stream", [], chat, failed],
    ["waiting for a whole answer", ["one"], chatBody, failed],
  ])("stops the engine when the caller goes away %s, and logs it", async (...row) => {
    const [, pieces, body, logged] = row;
    const lines: Line[] = [];
    const [onRequest, onStop] = [jest.fn(), jest.fn()];
    const isCalled = (mock: jest.Mock) => () => mock.mock.calls.length > 0;
    await start({ pieces, isEndless: true, onRequest, onStop, onLine: (line) => lines.push(line) });
    const caller = new AbortController();
    const pending = post("/v1/chat/completions", body, caller.signal).catch(() => undefined);
    await waitUntil(isCalled(onRequest));
    if (body === chat && pieces.length > 0) await pending;

    caller.abort();

    await waitUntil(isCalled(onStop));
    await waitUntil(() => lines.length > 0);
    expect(lines).toMatchObject([logged]);
  });

  it("keeps a connection usable behind a body that was too long", async () => {
    await start({});

    const refused = await post("/completion", { prompt: "x".repeat(3 * 1024 * 1024) });
    await refused.text();
    const next = await fetch(`${server.url}/health`);

    expect([refused.status, next.status]).toEqual([413, 200]);
  });

  it.each([
    ["GET //", 405],
    ["GET //health", 200],
    ["GET http://elsewhere/health", 200],
    ["GET http://[/health", 400],
    ["GET http://a:b@c/health", 200],
    ["OPTIONS *", 404],
    ["TRACE /health", 404],
    ["GET /%E0%A4%A", 404],
    ["POST /2015-03-31/functions/%E0%A4%A/invocations", 404],
  ])("answers %s with %d", async (line, status) => {
    await start({});

    const answer = await sendRaw(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status !== 200) expect(answer).toMatch(/\{"error":\{"message":".*"request_id":"[^"]+"\}\}/);
  });

  it("outlives a caller who breaks off in the middle of a request", async () => {
    await start({});
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write("POST /completion HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    socket.on("error", () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();

    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});
