import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { nodeListener } from "../../../../runtime/http/node-adapter.ts";
import { scriptedCore } from "../../../helpers/http-app.ts";
import { type RunningServer, serve } from "../../../helpers/http-server.ts";

let server: RunningServer;
afterEach(() => server.close());

/** The HTTP core on a scripted engine behind `node:http`, for each test. */
beforeEach(async () => {
  server = await serve(nodeListener(scriptedCore().app, 120_000));
});

/** Sends bytes and gives all that comes back. */
async function sendRaw(request: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.end(request);
  return text(socket);
}

describe("the HTTP core behind node:http", () => {
  it("gives each request an id of its own", async () => {
    const responses = [await fetch(`${server.url}/health`), await fetch(`${server.url}/health`)];

    expect(new Set(responses.map(({ headers }) => headers.get("x-request-id"))).size).toBe(2);
  });

  it("keeps a connection usable behind a body that was too long", async () => {
    const body = JSON.stringify({ prompt: "x".repeat(3 * 1024 * 1024) });

    const refused = await fetch(`${server.url}/completion`, { method: "POST", body });
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
    const answer = await sendRaw(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status !== 200) expect(answer).toMatch(/\{"error":\{"message":".*"request_id":"[^"]+"\}\}/);
  });

  it("outlives a caller who breaks off in the middle of a request", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write("POST /completion HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    socket.on("error", () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();

    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});
