import { startLlamaServer, type TestServer } from "./run-llama-server.ts";

// What no transcript shows. Expectations follow examples/server/server.cpp.

const hello = { prompt: "Hello world", temperature: 0 }; // 11 tokens
const endless = {
  ...hello,
  n_predict: -1,
  logit_bias: [
    [1020, false],
    ["<|eot_id|>", false],
  ],
};

let server: TestServer;
let fixed: TestServer;

beforeAll(async () => {
  server = await startLlamaServer();
  fixed = await startLlamaServer(["--no-context-shift", "-c", "64"]);
});

afterAll(() => {
  server.stop();
  fixed.stop();
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

  it.each<{ name: string; body: object; error: object }>([
    {
      name: "an object without a prompt",
      body: {},
      error: { code: 500, type: "server_error" },
    },
    { name: "no tokens", body: { prompt: [] }, error: { code: 400 } },
    { name: "a token outside the vocabulary", body: { prompt: [5000] }, error: { code: 500 } },
    {
      name: "a grammar and a schema",
      body: { ...hello, grammar: "root ::= .", json_schema: {} },
      error: {
        code: 400,
        message: 'Either "json_schema" or "grammar" can be specified, but not both',
        type: "invalid_request_error",
      },
    },
    {
      name: "a schema of no known type",
      body: { ...hello, json_schema: { type: "x" } },
      error: {
        code: 400,
        message: '"json_schema": JSON schema conversion failed:\nUnrecognized schema: {"type":"x"}',
      },
    },
    { name: "a stop that is no text", body: { ...hello, stop: [1] }, error: { code: 400 } },
    { name: "mirostat", body: { ...hello, mirostat: 2 }, error: { code: 501 } },
    { name: "n_probs", body: { ...hello, n_probs: 3 }, error: { code: 501 } },
  ])("refuses $name", async ({ body, error }) => {
    const response = await server.post("/completion", body);
    const answer: { error: { code: number } } = JSON.parse(await response.text());

    expect(answer.error).toMatchObject(error);
    expect(response.status).toBe(answer.error.code);
  });

  it.each<{ name: string; body: object; settings: object }>([
    { name: "max_tokens", body: { max_tokens: 2 }, settings: { max_tokens: 2 } },
    {
      name: "fields of the wrong type",
      body: { temperature: "hot", top_k: [], stream: "yes", n_predict: 1, stop: "a" },
      settings: { temperature: Math.fround(0.8), top_k: 40, stream: false, stop: [] },
    },
    {
      name: "numbers as C++ does",
      body: { top_k: 7.9, min_p: 1, seed: -1, temperature: -1, n_predict: 1 },
      settings: { top_k: 7, min_p: 1, seed: 4294967295, temperature: -1 },
    },
    {
      name: "a schema beside an empty grammar",
      body: { json_schema: {}, grammar: null, n_predict: 1 },
      settings: { grammar: "" },
    },
    {
      name: "a random seed",
      body: { n_predict: 1, temperature: 1 },
      settings: { seed_cur: 12345 },
    },
  ])("reads $name", async ({ body, settings }) => {
    const answer = await complete(server, { prompt: "a", temperature: 0, ...body });

    expect(answer.generation_settings).toMatchObject(settings);
  });

  it("answers no longer than the command line allows", async () => {
    const short = await startLlamaServer(["-n", "2"]);

    const answer = await complete(short, { ...hello, n_predict: 5 });
    short.stop();

    expect(answer).toMatchObject({
      tokens_predicted: 2,
      generation_settings: { n_predict: 2, max_tokens: 2 },
    });
  });

  it("lets a page of any origin read its answers", async () => {
    const response = await fetch(`${server.url}/health`, { headers: { origin: "http://x" } });

    expect(response.headers.get("access-control-allow-origin")).toBe("http://x");
  });

  it("answers several prompts, one after the other", async () => {
    const prompts = ["Hello world", [1019, 72], "Hello world"];

    const answers = await complete(server, { ...hello, prompt: prompts, n_predict: 2 });

    expect(answers).toMatchObject([
      { index: 0, prompt: "Hello world", content: "PnVtSIHnuPnXZpHZpb" },
      { index: 1, prompt: [1019, 72] },
      { index: 2, content: "PnVtSIHnuPnXZpHZpb" },
    ]);
  });

  it("takes over the beginning that two prompts share, and answers the same", async () => {
    const fresh = await complete(server, { ...hello, n_predict: 4 });
    await complete(server, { ...hello, prompt: "Hello wheel", n_predict: 4, cache_prompt: true });

    const reused = await complete(server, { ...hello, n_predict: 4, cache_prompt: true });

    expect(fresh.timings.prompt_n).toBe(11);
    expect(reused.timings.prompt_n).toBeLessThan(6);
    expect(reused.content).toBe(fresh.content);
  });

  it("keeps nothing of a request that asks for no cache", async () => {
    await complete(server, { ...hello, n_predict: 1 });

    const next = await complete(server, { ...hello, n_predict: 1, cache_prompt: true });

    expect(next.timings.prompt_n).toBe(11);
  });

  it("penalizes those tokens of the prompt only that it took over", async () => {
    const favourite = { ...hello, logit_bias: [[72, 1000]], repeat_penalty: 1000, n_predict: 1 };
    await complete(server, { ...hello, n_predict: 1, cache_prompt: true });

    const reused = await complete(server, { ...favourite, cache_prompt: true });
    const fresh = await complete(server, favourite);

    expect(reused.content).not.toBe("H");
    expect(fresh.content).toBe("H");
  });

  it("draws alike for the same seed only", async () => {
    const draw = (seed: number) =>
      complete(server, {
        ...hello,
        temperature: 5,
        top_k: 0,
        top_p: 1,
        min_p: 0,
        seed,
        n_predict: 8,
      });

    const [one, same, other] = [await draw(1), await draw(1), await draw(2)];

    expect(same.content).toBe(one.content);
    expect(other.content).not.toBe(one.content);
  });

  it("constrains by grammar, and says so when it cannot", async () => {
    const constrained = await complete(server, {
      ...hello,
      grammar: 'root ::= "yes"',
      n_predict: 9,
    });
    const free = await complete(server, { ...hello, grammar: "root ::= x", n_predict: 1 });

    expect(constrained).toMatchObject({ content: "yes", stopped_eos: true });
    expect(free.content).toBe("PnVtSIHn");
    expect(server.stderr.join("")).toContain(
      "error parsing grammar: uses the rule `x`, which it does not define",
    );
  });

  it.each([
    { tokens: 63, status: 200 },
    { tokens: 64, status: 400 },
  ])(
    "answers $status to a prompt of $tokens tokens in a context of 64",
    async ({ tokens, status }) => {
      const body = { ...hello, prompt: "2".repeat(tokens - 1), n_predict: 1 };

      const response = await fixed.post("/completion", body);

      expect(response.status).toBe(status);
    },
  );

  it("fills the context to its last token, and no further", async () => {
    const full = await complete(fixed, { ...endless, n_predict: 64 - 11 });
    const beyond = await fixed.post("/completion", { ...endless, n_predict: 64 - 10 });

    expect(full).toMatchObject({ tokens_predicted: 53, stopped_limit: true, truncated: false });
    expect(await beyond.json()).toMatchObject({ error: { message: "context shift is disabled" } });
  });

  it("refuses a streamed request by an event", async () => {
    const body = { ...hello, prompt: "2".repeat(90), stream: true };

    const response = await fixed.post("/completion", body);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe(
      'error: {"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"invalid_request_error"}\n\n',
    );
  });

  it("streams what an answer in one piece has", async () => {
    const body = { prompt: "Hello", temperature: 0, n_predict: 40 };
    const whole = await complete(server, body);

    const response = await server.post("/completion", { ...body, stream: true });
    const events = (await response.text())
      .trim()
      .split("\n\n")
      .map((event): Completion => JSON.parse(event.slice(6)));

    expect(events.map(({ content }) => content).join("")).toBe(whole.content);
    expect(events.map(({ stop }) => stop)).toEqual([...Array(events.length - 1).fill(false), true]);
  });

  it("stops working when the caller of a stream leaves, and takes the next one", async () => {
    const leaving = new AbortController();
    const response = await server.post("/completion", { ...endless, stream: true }, leaving.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.abort();
    await expect(reader?.read()).rejects.toThrow();

    const before = server.pauses();
    await complete(server, { ...hello, n_predict: 1 });

    expect(server.pauses() - before).toBeLessThan(11 + 8);
  });

  it("answers one request at a time, in turn", async () => {
    const order: string[] = [];
    const ask = async (name: string, tokens: number) => {
      await complete(server, { ...hello, n_predict: tokens });
      order.push(name);
    };
    const long = ask("long", 20);
    await (await fetch(`${server.url}/health`)).text(); // the first is under way
    await Promise.all([long, ask("short", 1)]);

    expect(order).toEqual(["long", "short"]);
  });

  it("tells its health while it generates", async () => {
    const leaving = new AbortController();
    const stream = await server.post("/completion", { ...endless, stream: true }, leaving.signal);

    const health = await fetch(`${server.url}/health`);
    leaving.abort();

    expect(health.status).toBe(200);
    await expect(stream.text()).rejects.toThrow();
  });

  it("tells tokens and their pieces", async () => {
    const tokens = await server.post("/tokenize", { content: "Hé<|eot_id|>", with_pieces: true });
    const mixed = await server.post("/tokenize", {
      content: ["He", 5, "<|eot_id|>"],
      add_special: true,
    });
    const nothing = await server.post("/tokenize", {});

    expect(await tokens.json()).toEqual({
      tokens: [
        { id: 72, piece: "H" },
        { id: 195, piece: [195] },
        { id: 169, piece: [169] },
        { id: 1021, piece: "<|eot_id|>" },
      ],
    });
    expect(await mixed.json()).toEqual({ tokens: [1019, 72, 101, 5, 1021] });
    expect(await nothing.json()).toEqual({ tokens: [] });
  });

  it("refuses content that is no text", async () => {
    const response = await server.post("/tokenize", { content: {} });

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { type: "server_error" } });
  });
});

interface Completion {
  readonly content: string;
  readonly stop: boolean;
  readonly timings: { readonly prompt_n: number };
  readonly generation_settings: object;
}

/** An answer's body. */
async function complete(to: TestServer, body: object): Promise<Completion> {
  const response = await to.post("/completion", body);
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return JSON.parse(text);
}
