import { startLlamaServer, type TestServer } from "./run-llama-server.ts";

// What no transcript shows. Expectations follow examples/server/server.cpp.

const hello = { prompt: "Hello world", temperature: 0 }; // 11 tokens
/** Never comes to its end: behind each character another one has to come. */
const endless = { ...hello, n_predict: -1, grammar: "root ::= [a-zA-Z] root", stream: true };

let server: TestServer;
let small: TestServer;

beforeAll(async () => {
  server = await startLlamaServer();
  small = await startLlamaServer(["--no-context-shift", "--ctx-size", "64"]);
});

afterAll(() => {
  server.stop();
  small.stop();
});

describe("the reference llama-server", () => {
  it("says that the model is loading until it is", async () => {
    let answer: Promise<Response> | undefined;

    const started = await startLlamaServer([], {
      writeError: (text) => {
        const port = /is listening, .* port: (\d+)/.exec(text)?.[1];
        if (port) answer = fetch(`http://127.0.0.1:${port}/health`);
      },
      // The first pause comes before the model is loaded.
      pause: async () => void (await answer),
    });
    const response = await answer;
    started.stop();

    expect(response?.status).toBe(503);
    expect(await response?.json()).toEqual({
      error: { code: 503, message: "Loading model", type: "unavailable_error" },
    });
  });

  it.each([
    { name: "a completion without a prompt", path: "/completion", body: { stream: true } },
    { name: "a completion in one piece", path: "/completion", body: hello, status: 501 },
    { name: "content that is no text", path: "/tokenize", body: { content: {} } },
    { name: "a route that it does not have", path: "/props", body: {}, status: 404 },
  ])("refuses $name", async ({ path, body, status = 500 }) => {
    const response = await server.post(path, body);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: status } });
  });

  it("passes over fields of the wrong type, as llama-server does", async () => {
    const fields = { top_k: "1", temperature: 0, min_p: null, seed: {}, grammar: 3, x: 1 };

    const { content } = await server.complete({ ...hello, ...fields, n_predict: 2 });

    expect(content).toBe("PnVtSIHnuPnXZpHZpb");
  });

  it("takes over the beginning that two prompts share, and answers the same", async () => {
    const fresh = await server.complete({ ...hello, n_predict: 4 });
    await server.complete({ ...hello, prompt: "Hello wheel", n_predict: 4, cache_prompt: true });

    const reused = await server.complete({ ...hello, n_predict: 4, cache_prompt: true });

    expect(fresh.end.timings.prompt_n).toBe(11);
    expect(reused.end.timings.prompt_n).toBeLessThan(6);
    expect(reused.content).toBe(fresh.content);
  });

  it("keeps nothing of a request that asks for no cache", async () => {
    await server.complete({ ...hello, n_predict: 1 });

    const next = await server.complete({ ...hello, n_predict: 1, cache_prompt: true });

    expect(next.end.timings.prompt_n).toBe(11);
  });

  it("penalizes those tokens of the prompt only that it took over", async () => {
    // Of the two letters that the grammar allows, the model prefers the one in the prompt.
    const body = { ...hello, grammar: 'root ::= "o" | "k"', repeat_penalty: 1000, n_predict: 1 };
    await server.complete({ ...hello, n_predict: 1, cache_prompt: true });

    const reused = await server.complete({ ...body, cache_prompt: true });
    const fresh = await server.complete(body);

    expect(fresh.content).toBe("o");
    expect(reused.content).toBe("k");
  });

  it.each(["presence_penalty", "frequency_penalty"])("answers otherwise with %s", async (name) => {
    const without = await server.complete({ ...hello, n_predict: 24 });

    const penalized = await server.complete({ ...hello, n_predict: 24, [name]: -50 });

    expect(penalized.content).not.toBe(without.content);
  });

  it("draws alike for the same seed only", async () => {
    const open = { temperature: 5, top_k: 0, top_p: 1, min_p: 0, n_predict: 8 };
    const draw = (seed: number) => server.complete({ ...hello, ...open, seed });

    const [one, same, other] = [await draw(1), await draw(1), await draw(4294967294)];

    expect(same.content).toBe(one.content);
    expect(other.content).not.toBe(one.content);
  });

  it("constrains by grammar, and says so when it cannot", async () => {
    const grammar = 'root ::= "yes"';
    const constrained = await server.complete({ ...hello, grammar, n_predict: 9 });
    const free = await server.complete({ ...hello, grammar: "root ::= x", n_predict: 1 });

    expect(constrained).toMatchObject({ content: "yes", end: { stopped_eos: true } });
    expect(free.content).toBe("PnVtSIHn");
    expect(server.stderr.join("")).toContain(
      "error parsing grammar: uses the rule `x`, which it does not define",
    );
  });

  it("answers a prompt that leaves one token of the context free", async () => {
    const body = { ...hello, prompt: "2".repeat(62), n_predict: 1 };

    expect((await small.complete(body)).end.tokens_predicted).toBe(1);
  });

  it("refuses a prompt as long as the context by an event", async () => {
    const body = { ...hello, prompt: "2".repeat(63), stream: true };

    const response = await small.post("/completion", body);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe(
      'error: {"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"invalid_request_error"}\n\n',
    );
  });

  it("fills the context to its last token, and no further", async () => {
    const full = await small.complete({ ...endless, n_predict: 64 - 11 });
    const beyond = await small.post("/completion", { ...endless, n_predict: 64 - 10 });

    expect(full.end).toMatchObject({ tokens_predicted: 53, stopped_limit: true });
    expect(await beyond.text()).toMatch(
      /\n\nerror: {"code":500,"message":"context shift is disabled","type":"server_error"}\n\n$/,
    );
  });

  it("stops working when the caller of a stream leaves, and takes the next one", async () => {
    const leaving = new AbortController();
    const response = await server.post("/completion", endless, leaving.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.abort();
    await expect(reader?.read()).rejects.toThrow();

    const before = server.pauses();
    await server.complete({ ...hello, n_predict: 1 });

    expect(server.pauses() - before).toBeLessThan(11 + 8);
  });

  it("answers one request at a time, in turn", async () => {
    const order: string[] = [];
    const ask = async (name: string, tokens: number) => {
      await server.complete({ ...hello, n_predict: tokens });
      order.push(name);
    };
    const long = ask("long", 20);
    await (await fetch(`${server.url}/health`)).text(); // the first is under way
    await Promise.all([long, ask("short", 1)]);

    expect(order).toEqual(["long", "short"]);
  });

  it("answers that it is healthy while it generates", async () => {
    const leaving = new AbortController();
    const stream = await server.post("/completion", endless, leaving.signal);

    const health = await fetch(`${server.url}/health`);
    leaving.abort();

    expect(health.status).toBe(200);
    await expect(stream.text()).rejects.toThrow();
  });

  it.each([
    { body: { content: "Hé<|eot_id|>" }, tokens: [72, 195, 169, 1021] },
    { body: { content: "He", add_special: true }, tokens: [1019, 72, 101] },
    { body: {}, tokens: [] },
  ])("tokenizes $body", async ({ body, tokens }) => {
    const response = await server.post("/tokenize", body);

    expect(await response.json()).toEqual({ tokens });
  });
});
