import { type Exchange, exchanges } from "../../../helpers/recorded.ts";
import { readCompletion, startLlamaServer, type TestServer } from "./run-llama-server.ts";

// What the real llama-server (BitNet 01eb415) answered: its exchanges are repeated here, in the
// order of recording, as each leaves a text behind that the next may take over. Answers that were
// recorded in one piece are compared with the streamed ones.

/** Other routes, and what the runtime does not ask for. */
const leftOut =
  /^chat|metrics|props|models|detokenize|first answer|stop|json schema|longer than|past the|wrong type/;
const repeated = Object.entries(exchanges).filter(([name]) => !leftOut.test(name));
const completions = repeated.filter(
  ([, { request, status }]) => request.path === "/completion" && status === 200,
);
const others = repeated.filter((exchange) => !completions.includes(exchange));

let server: TestServer;

beforeAll(async () => {
  server = await startLlamaServer();
});

afterAll(() => server.stop());

describe("the reference llama-server", () => {
  it("has exchanges to repeat", () => {
    expect([completions.length, others.length]).toEqual([7, 5]);
  });

  it.each(completions)("completes as llama-server did: %s", async (_, recorded) => {
    const { content, end } = await server.complete(recorded.request.body as object);

    const expected = recordedAnswer(recorded);
    expect(content).toBe(expected.content);
    expect({ ...end, timings: end.timings.prompt_n }).toEqual({
      ...only(expected.end, Object.keys(end)),
      content: "",
      timings: expected.end.timings.prompt_n,
    });
    expect(Object.keys(expected.end.timings)).toEqual(
      expect.arrayContaining(Object.keys(end.timings)),
    );
  });

  it.each(others)("answers as llama-server did: %s", async (_, recorded) => {
    const { method, path, body } = recorded.request;

    const response =
      method === "GET" ? await fetch(server.url + path) : await server.post(path, body);

    expect(response.status).toBe(recorded.status);
    expect(withoutParserWords(await response.text())).toEqual(withoutParserWords(recorded.body));
    expect(Object.fromEntries(response.headers)).toMatchObject(lowerCased(recorded.headers));
  });
});

/** A recorded answer, streamed or in one piece. */
function recordedAnswer({ body }: Exchange) {
  return readCompletion(body.startsWith("data: ") ? body : `data: ${body}\n\n`);
}

function only(object: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}

/** A body. Why a text is not JSON is said in the words of JavaScript's parser. */
function withoutParserWords(text: string): object {
  const body: { error?: { message: string } } = JSON.parse(text);
  const isParserError = /json.exception.parse_error|JSON at position/.test(text);
  return isParserError ? { error: { ...body.error, message: "…" } } : body;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
