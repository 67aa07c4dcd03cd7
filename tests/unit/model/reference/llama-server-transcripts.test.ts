import { type Exchange, exchanges } from "../../../helpers/recorded.ts";
import { startLlamaServer, type TestServer } from "./run-llama-server.ts";

// What the real llama-server (BitNet 01eb415) answered: its exchanges are repeated here, in the
// order of recording, as each leaves a text behind that the next may take over.

/** Routes that the reference engine does not have. */
const LEFT_OUT = /^chat|metrics/;
const repeated = Object.entries(exchanges).filter(([name]) => !LEFT_OUT.test(name));

/** What differs from run to run. */
const CHANGING = new Set([
  "created",
  "prompt_ms",
  "prompt_per_token_ms",
  "prompt_per_second",
  "predicted_ms",
  "predicted_per_token_ms",
  "predicted_per_second",
]);

let server: TestServer;
let seed = 0;

beforeAll(async () => {
  server = await startLlamaServer([], { randomSeed: () => seed });
});

afterAll(() => server.stop());

describe("the reference llama-server", () => {
  it("has exchanges to repeat", () => {
    expect(repeated).toHaveLength(21);
  });

  it.each(repeated.slice(1))("answers as llama-server did: %s", async (_, recorded) => {
    seed = Number(/"seed_cur":(\d+)/.exec(recorded.body)?.[1] ?? 0);

    const answer = await repeat(recorded);

    expect(answer.status).toBe(recorded.status);
    expect(eventsOf(answer.body)).toEqual(eventsOf(recorded.body));
    expect(answer.headers).toMatchObject(lowerCased(recorded.headers));
  });
});

async function repeat({ request }: Exchange) {
  const { method, path, body } = request;
  const response =
    method === "GET" ? await fetch(server.url + path) : await server.post(path, body);
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: await response.text() };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** The one body, or all events. */
function eventsOf(body: string): unknown[] {
  const texts = body.startsWith("data: ") ? body.split("\n\n").slice(0, -1) : [body];
  return texts.map((text) => JSON.parse(text.replace(/^data: /, ""), withoutChanging));
}

function withoutChanging(key: string, value: unknown): unknown {
  if (CHANGING.has(key)) return typeof value;
  return key === "model" || key === "id" ? "MODEL" : value;
}
