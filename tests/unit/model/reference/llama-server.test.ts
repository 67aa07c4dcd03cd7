import fc from "fast-check";
import { AnswerText } from "../../../../model/reference/completion-slot.ts";
import { loadModel } from "../../../../model/reference/engine.ts";
import { randomModel } from "./run-llama-cli.ts";
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
  it("refuses a completion in one piece", async () => {
    expect((await server.post("/completion", hello)).status).toBe(501);
  });

  it.each([
    [{ content: "Hé<|eot_id|>" }, [72, 195, 169, 1021]],
    [{ content: "He", add_special: true }, [1019, 72, 101]],
  ])("tokenizes %j", async (body, tokens) => {
    const response = await server.post("/tokenize", body);

    expect(await response.json()).toEqual({ tokens });
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

  it.each([
    ["the limit", { n_predict: 3 }, 3, { stopped_limit: true, stopped_eos: false }],
    ["a limit of nothing, as of one", { n_predict: 0 }, 1, { stopped_limit: true }],
    ["an end token", { grammar: 'root ::= "yes"', n_predict: 9 }, 4, { stopped_eos: true }],
    [
      "an end token at the limit",
      { grammar: 'root ::= "yes"', n_predict: 4 },
      4,
      { stopped_limit: true, stopped_eos: true },
    ],
  ])("ends at %s", async (_, fields, tokens, ending) => {
    const { end } = await server.complete({ ...hello, ...fields });

    expect(end).toMatchObject({ tokens_predicted: tokens, ...ending });
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

  it("answers one request at a time, in turn, and is healthy meanwhile", async () => {
    const order: string[] = [];
    const ask = async (name: string, tokens: number) => {
      await server.complete({ ...hello, n_predict: tokens });
      order.push(name);
    };
    const long = ask("long", 20);
    const health = await fetch(`${server.url}/health`); // the first is under way
    order.push(`health ${health.status}`);
    await Promise.all([long, ask("short", 1)]);

    expect(order).toEqual(["health 200", "long", "short"]);
  });

  it("stops when the caller leaves, long before the end of its answer", async () => {
    const roomy = await startLlamaServer(["--ctx-size", "4096"]);
    const caller = new AbortController();
    const body = JSON.stringify(endless);
    const { signal } = caller;
    const left = await fetch(`${roomy.url}/completion`, { method: "POST", body, signal });
    await left.body?.getReader().read();
    const startedAt = performance.now();

    caller.abort();
    await roomy.complete({ ...hello, n_predict: 1 });
    roomy.stop();

    // The whole answer takes over 10 seconds.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe("the text of an answer", () => {
  // Tokens 0 to 255 of this model are bytes.
  const { vocabulary } = loadModel(randomModel);
  const sent = (bytes: Uint8Array) => {
    const text = new AnswerText(vocabulary);
    return [...bytes].map((byte) => text.take(byte)?.content);
  };

  it("is sent in whole characters only, and all of it, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 8 }), (text) => {
        const contents = sent(Buffer.from(text)).map((content) => content ?? "");

        expect(contents.join("")).toBe(text);
        for (const content of contents) expect(content).not.toContain("\ufffd");
      }),
    );
  });

  it("waits inside a character, but not for what none continues", () => {
    expect(sent(Buffer.from("a😀"))).toEqual(["a", undefined, undefined, undefined, "😀"]);
    expect(sent(Buffer.of(0x80))).toEqual(["\ufffd"]);
  });
});
