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
    ["a completion without a prompt", "/completion", { stream: true }, 500],
    ["a completion in one piece", "/completion", hello, 501],
    ["content that is no text", "/tokenize", { content: {} }, 500],
    ["a route that it does not have", "/props", {}, 404],
  ])("refuses %s", async (_, path, body, status) => {
    const response = await server.post(path, body);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: status } });
  });

  it.each([
    [{ content: "Hé<|eot_id|>" }, [72, 195, 169, 1021]],
    [{ content: "He", add_special: true }, [1019, 72, 101]],
    [{}, []],
  ])("tokenizes %j", async (body, tokens) => {
    const response = await server.post("/tokenize", body);

    expect(await response.json()).toEqual({ tokens });
  });

  it("passes over fields of the wrong type, as llama-server does", async () => {
    const fields = { top_k: "1", min_p: null, seed: {}, grammar: 3, x: 1, logit_bias: [[1], "a"] };

    const { content } = await server.complete({ ...hello, ...fields, n_predict: 2 });

    expect(content).toBe("PnVtSIHnuPnXZpHZpb");
  });

  it("takes over the beginning that two prompts share, if both ask for it", async () => {
    const body = { ...hello, n_predict: 4 };
    const fresh = await server.complete(body);
    const unshared = await server.complete({ ...body, cache_prompt: true });
    await server.complete({ ...body, prompt: "Hello wheel", cache_prompt: true });
    const reused = await server.complete({ ...body, cache_prompt: true });

    const evaluated = [fresh, unshared, reused].map(({ end }) => end.timings.prompt_n);
    expect(evaluated).toEqual([11, 11, 3]);
    expect([unshared.content, reused.content]).toEqual([fresh.content, fresh.content]);
  });

  it("penalizes those tokens of the prompt only that it took over", async () => {
    // Of the two letters that the grammar allows, the model prefers the one in the prompt.
    const body = { ...hello, grammar: 'root ::= "o" | "k"', repeat_penalty: 1000, n_predict: 1 };
    await server.complete({ ...hello, n_predict: 1, cache_prompt: true });

    const reused = await server.complete({ ...body, cache_prompt: true });
    const fresh = await server.complete(body);

    expect([fresh.content, reused.content]).toEqual(["o", "k"]);
  });

  it("answers otherwise with penalties, and draws alike for the same seed only", async () => {
    const open = { temperature: 5, top_k: 0, top_p: 1, min_p: 0 };
    const answers = await Promise.all(
      [
        {},
        { presence_penalty: -50 },
        { frequency_penalty: -50 },
        { ...open, seed: 1 },
        { ...open, seed: 1 },
        { ...open, seed: 4294967294 },
      ].map((fields) => server.complete({ ...hello, n_predict: 24, ...fields })),
    );

    const [free, present, frequent, one, same, other] = answers.map(({ content }) => content);
    expect(free).not.toBe(present);
    expect(free).not.toBe(frequent);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
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

  it("takes a prompt that leaves one token of the context free, and none longer", async () => {
    const fitting = await small.complete({ ...hello, prompt: "2".repeat(62), n_predict: 1 });
    const body = { ...hello, prompt: "2".repeat(63), stream: true };
    const refused = await small.post("/completion", body);

    expect(fitting.end.tokens_predicted).toBe(1);
    expect(refused.status).toBe(200);
    expect(await refused.text()).toBe(
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

  it("is healthy while it generates, and stops when the caller leaves", async () => {
    const leaving = new AbortController();
    const stream = await server.post("/completion", endless, leaving.signal);
    await stream.body?.getReader().read();

    const health = await fetch(`${server.url}/health`);
    leaving.abort();
    const before = server.pauses();
    await server.complete({ ...hello, n_predict: 1 });

    expect(health.status).toBe(200);
    expect(server.pauses() - before).toBeLessThan(11 + 8);
  });
});
