import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineEvent } from "../../../../../runtime/engine/engine.ts";
import { AppError } from "../../../../../runtime/errors.ts";
import { collect, never } from "../../../../helpers/collect.ts";
import {
  fakeLlamaServer,
  fakeServerEngine,
  faultyServerEngine,
  llamaServerEngine,
  stopServers,
} from "../../../../helpers/fakes/fake-llama-server.ts";
import { startHandlerHost } from "../../../../helpers/handler-host.ts";
import { isAlive, processesWith, waitUntil } from "../../../../helpers/processes.ts";
import { requestOf } from "../../../../helpers/requests.ts";

afterEach(stopServers);

type GenerationEnd = Extract<EngineEvent, { type: "generation-end" }>;

async function failure(engine: Engine, settings = {}): Promise<AppError> {
  try {
    await collect(engine.generate(requestOf("Hi", settings), never()));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("did not fail");
}

/** The bundled handler in a process of its own, on the fake. */
function startServerHost(model: string) {
  return startHandlerHost({
    wrapper: ["/bin/sh", "-c", 'ulimit -n 128 && exec "$@"', "limited"],
    variables: {
      BITNET_ENGINE: "llama-server",
      BITNET_LLAMA_SERVER: fakeLlamaServer,
      BITNET_MODEL: model,
    },
  });
}

/** The command lines of a process's children. */
function childrenOf(pid: number): string[] {
  const { stdout } = spawnSync("ps", ["-o", "args=", "--ppid", String(pid)], { encoding: "utf8" });
  return stdout.trim().split("\n");
}

/** Reads until the first piece of text, then aborts; how it ended and how long the end took. */
async function abortAfterText(engine: Engine, prompt: string) {
  const controller = new AbortController();
  const request = requestOf(prompt, { n_predict: 4096 });
  let abortedAt = 0;
  let end: GenerationEnd | undefined;
  for await (const event of engine.generate(request, controller.signal)) {
    if (event.type === "generation-end") end = event;
    else if (abortedAt === 0) {
      abortedAt = performance.now();
      controller.abort();
    }
  }
  return { end, tookMs: performance.now() - abortedAt };
}

describe("the llama-server engine", () => {
  it("turns the stream into the same events as llama-cli's, with the engine's own counts", async () => {
    const { pieces, end } = await collect(
      fakeServerEngine("words").generate(requestOf("Hello my world"), never()),
    );

    expect(pieces).toEqual(["wörd0 ", "wörd1 ", "wörd2 ", "wörd3 ", "wörd4 "]);
    expect(end).toMatchObject({
      finishReason: "stop",
      usage: { promptTokens: 4, predictedTokens: 6 },
      // The prompt's figures are of both requests: the one that reads it, and the answer's own.
      timings: {
        promptMs: 0.788,
        predictedMs: 0.34,
        promptTokensPerSecond: expect.closeTo(27918.8, 1),
      },
    });
  });

  it("tells the limit from the end, which the engine's own chat route does not", async () => {
    const request = requestOf("Hi", { n_predict: 2 });

    const { end } = await collect(fakeServerEngine("words").generate(request, never()));

    expect(end.finishReason).toBe("length");
  });

  it("sends every setting but the stop strings, streamed, with the cache on, and only a few variables", async () => {
    process.env.LLAMA_ARG_THREADS = "64";
    const request = requestOf("Hi", {
      n_predict: 9,
      seed: 5,
      stop: ["\n"],
      temperature: 0.25,
      frequency_penalty: 0.5,
      presence_penalty: -0.5,
    });

    const { text } = await collect(fakeServerEngine("echo").generate(request, never()));

    const { body, args, environment } = JSON.parse(text);
    expect(body).toEqual({
      prompt: "Hi",
      n_predict: 9,
      temperature: 0.25,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.05,
      repeat_penalty: 1.1,
      frequency_penalty: 0.5,
      presence_penalty: -0.5,
      repeat_last_n: 64,
      seed: 5,
      stream: true,
      cache_prompt: true,
    });
    expect(args).toEqual(expect.arrayContaining(["--parallel", "1", "--no-context-shift"]));
    expect(Object.keys(environment)).not.toContain("LLAMA_ARG_THREADS");
    delete process.env.LLAMA_ARG_THREADS;
  });

  const unpenalized = { repeat_penalty: 1, n_predict: 128 };
  const one = "User: one question<|eot_id|>Assistant: ";
  const other = "User: another question<|eot_id|>Assistant: ";
  const reading = { n_predict: 0, cache_prompt: true, stream: true };
  const answering = { n_predict: 128, cache_prompt: true, stream: true };
  const withoutTail = [1, 2, 0];

  it.each([
    [
      "the whole prompt before, with a penalty",
      {},
      [one],
      [
        { ...reading, prompt: one },
        { ...answering, prompt: one },
      ],
    ],
    [
      "it for a frequency penalty",
      { ...unpenalized, frequency_penalty: 0.1 },
      [one],
      [
        { ...reading, prompt: one },
        { ...answering, prompt: one },
      ],
    ],
    [
      "it for a presence penalty",
      { ...unpenalized, presence_penalty: -0.1 },
      [one],
      [
        { ...reading, prompt: one },
        { ...answering, prompt: one },
      ],
    ],
    [
      "nothing before, without a penalty",
      unpenalized,
      [one, other],
      [
        { ...answering, prompt: one },
        { ...answering, prompt: other },
      ],
    ],
    [
      "a prompt that it has in its cache up to the last two tokens",
      unpenalized,
      [one, one],
      [
        { ...answering, prompt: one },
        { content: one },
        { ...reading, prompt: withoutTail },
        { ...answering, prompt: one },
      ],
    ],
    [
      "the tokens of a prompt that may not fit",
      { ...unpenalized, n_predict: 4096 },
      [one],
      [{ content: one }, { ...answering, n_predict: 4092, prompt: one }],
    ],
  ])(
    "is asked for as few readings as give the text of llama-cli: %s",
    async (_, settings, prompts, bodies) => {
      const folder = mkdtempSync(join(tmpdir(), "bitnet-bodies-"));
      const engine = llamaServerEngine(fakeLlamaServer, join(folder, "notes-bodies"));

      for (const prompt of prompts)
        await collect(engine.generate(requestOf(prompt, settings), never()));

      const noted = readFileSync(join(folder, "notes-bodies.bodies"), "utf8").trim().split("\n");
      expect(noted.map((body) => JSON.parse(body))).toMatchObject(bodies);
      expect(noted).toHaveLength(bodies.length);
    },
  );

  it("reports the prompt's tokens of an answer that was cut, which it counts then", async () => {
    const engine = fakeServerEngine("slow-words");

    const { end } = await abortAfterText(engine, "a long one");

    expect(end?.usage.promptTokens).toBe(4);
  });

  it("leaves out NUL characters, as llama-cli does", async () => {
    const { text } = await collect(fakeServerEngine("nul").generate(requestOf("Hi"), never()));

    expect(text).toBe("one two");
  });

  it("refuses a prompt that does not fit, before the engine cuts it silently", async () => {
    const engine = fakeServerEngine("words", { BITNET_CONTEXT_TOKENS: "64" });
    const request = (words: number) => requestOf("word ".repeat(words), { n_predict: 4 });

    const fits = await collect(engine.generate(request(59), never()));
    const tooLong = collect(engine.generate(request(60), never()));

    expect(fits.end.usage.promptTokens).toBe(60);
    await expect(tooLong).rejects.toMatchObject({
      kind: "context-exceeded",
      details: { promptTokens: 61, maximumTokens: 60 },
    });
  });

  it("asks for no more tokens than the context has room for", async () => {
    const engine = fakeServerEngine("words", { BITNET_CONTEXT_TOKENS: "64" });
    const request = requestOf("long ".repeat(50), { n_predict: 4096 });

    const { end } = await collect(engine.generate(request, never()));

    expect(end).toMatchObject({ finishReason: "length", usage: { predictedTokens: 64 - 51 } });
  });

  it("is loading, then healthy; a request meanwhile waits and tells for how long", async () => {
    const engine = fakeServerEngine("slow-load");
    expect(() => engine.checkHealth()).toThrow(expect.objectContaining({ kind: "engine-loading" }));

    const { text, end } = await collect(engine.generate(requestOf("Hi"), never()));

    expect(text).not.toBe("");
    expect(end.timings.loadMs).toBeGreaterThan(250);
    expect(() => engine.checkHealth()).not.toThrow();
  });

  it("can be told to stop while it loads", async () => {
    const signal = AbortSignal.timeout(50);

    const { end } = await collect(
      fakeServerEngine("never-ready").generate(requestOf("Hi"), signal),
    );

    expect(end.finishReason).toBe("aborted");
  });

  it("tells why it cannot start, at health too, and tries again with the next request", async () => {
    const engine = fakeServerEngine("load-error");

    await engine.settled();

    expect(() => engine.checkHealth()).toThrow(expect.objectContaining({ kind: "model-invalid" }));
    expect(await failure(engine)).toMatchObject({ kind: "model-invalid" });
    expect(await failure(engine)).toMatchObject({ kind: "model-invalid" });
  });

  it("names its own variable when its executable is not there", async () => {
    const engine = fakeServerEngine("words", { BITNET_LLAMA_SERVER: "/nowhere/llama-server" });

    const error = await failure(engine);

    expect(error.kind).toBe("engine-missing");
    expect(error.message).toContain("BITNET_LLAMA_SERVER");
  });

  it("starts again after a crash and answers the same request", async () => {
    const { text } = await collect(
      fakeServerEngine("crash-once").generate(requestOf("Hi"), never()),
    );

    expect(text).toBe("wörd0 wörd1 wörd2 wörd3 wörd4 ");
  });

  it("fails a request that crashes it twice, with its last words", async () => {
    const error = await failure(fakeServerEngine("crash-always"));

    expect(error).toMatchObject({ kind: "engine-failed", details: { signal: "SIGSEGV" } });
  });

  it("fails a request that it crashed in the middle of, and answers the next", async () => {
    const engine = fakeServerEngine("crash-mid-stream");

    const error = await failure(engine);
    const { text } = await collect(engine.generate(requestOf("Hi"), never()));

    expect(error.kind).toBe("engine-failed");
    expect(text).toBe("wörd0 wörd1 wörd2 wörd3 wörd4 ");
  });

  it("replaces a server that hangs over a prompt when the request is given up", async () => {
    const engine = fakeServerEngine("hang-before-text");
    await engine.settled();
    const hung = collect(engine.generate(requestOf("Hi"), AbortSignal.timeout(100)));

    const next = await collect(engine.generate(requestOf("Hi"), never()));

    expect((await hung).end.finishReason).toBe("aborted");
    expect(next.text).toBe("wörd0 wörd1 wörd2 wörd3 wörd4 ");
  });

  it("replaces a server that has hung in an answer when the request is given up", async () => {
    const engine = fakeServerEngine("hang-mid-stream");
    await engine.settled();
    const hung = collect(engine.generate(requestOf("Hi"), AbortSignal.timeout(2500)));

    const next = await collect(engine.generate(requestOf("Hi"), never()));

    expect((await hung).end).toMatchObject({
      finishReason: "aborted",
      usage: { predictedTokens: 3 },
    });
    expect(next.text).toBe("wörd0 wörd1 wörd2 wörd3 wörd4 ");
  });

  it.each([
    ["does not even count tokens any more", "tokenize", "SIGSTOP"],
    ["has hung a moment before the request is given up", "answer", "hang"],
  ])("replaces a server that %s", async (_, stage, fault) => {
    const engine = faultyServerEngine(stage, fault);
    await engine.settled();
    const counted = requestOf("Hi", { n_predict: 4096 });
    const hung = await collect(engine.generate(counted, AbortSignal.timeout(200)));

    const next = await collect(engine.generate(requestOf("Hi"), AbortSignal.timeout(4000)));

    expect(hung.end.finishReason).toBe("aborted");
    expect(next).toMatchObject({
      text: "wörd0 wörd1 wörd2 wörd3 wörd4 ",
      end: { finishReason: "stop" },
    });
  });

  it("waits for a prompt to be read for as long as a restart would take", async () => {
    const engine = fakeServerEngine("slower-load-than-prompt");
    await engine.settled();
    await collect(engine.generate(requestOf("Hi"), AbortSignal.timeout(30)));

    const { end } = await collect(engine.generate(requestOf("Hi"), never()));

    expect(end.timings.loadMs).toBeLessThan(20);
  });

  it("is free for the next request within 100 ms of an abort", async () => {
    const engine = fakeServerEngine("slow-words");

    const { end: aborted, tookMs } = await abortAfterText(engine, "a long one");
    const { end } = await collect(engine.generate(requestOf("Hi"), never()));

    expect(aborted?.finishReason).toBe("aborted");
    expect(tookMs).toBeLessThan(100);
    expect(end.timings.firstTokenMs).toBeLessThan(100);
  });

  it("keeps the server when it is told to stop while a short prompt is read", async () => {
    const engine = fakeServerEngine("slow-prompt");
    await engine.settled();
    const aborted = await collect(engine.generate(requestOf("Hi"), AbortSignal.timeout(30)));

    const { end } = await collect(engine.generate(requestOf("Hi"), never()));

    expect(aborted.end.finishReason).toBe("aborted");
    expect(end.timings.loadMs).toBeLessThan(20);
  });

  it("does not hold up others with requests that were given up, read to their end or not", async () => {
    const engine = fakeServerEngine("slow-words");
    const controller = new AbortController();
    const request = requestOf("a long one", { n_predict: 4096 });
    const first = engine.generate(request, controller.signal)[Symbol.asyncIterator]();
    await first.next();

    const waiting = await collect(engine.generate(requestOf("Hi"), AbortSignal.timeout(20)));
    controller.abort();
    const { text } = await collect(engine.generate(requestOf("Hi"), never()));

    expect(waiting.end.finishReason).toBe("aborted");
    expect(text).not.toBe("");
  });

  it.each(["no-json", "other-shape", "error-line", "no-end"])(
    "fails when it answers with %s, without blaming the request",
    async (scenario) => {
      expect(await failure(fakeServerEngine(scenario))).toMatchObject({ kind: "engine-failed" });
    },
  );

  it.each(["refuses-grammar", "refuses-grammar-in-pieces"])(
    "never shows an answer for which the engine has dropped the grammar: %s",
    async (scenario) => {
      const error = await failure(fakeServerEngine(scenario), { grammar: 'root ::= "yes"' });

      expect(error).toMatchObject({ kind: "request-invalid" });
      expect(error.details.problems).toEqual([
        { path: "grammar", message: "cannot be used by the engine: simplify it" },
      ]);
    },
  );

  it("is not stopped by a log that nobody reads", async () => {
    const { text } = await collect(
      fakeServerEngine("stderr-flood").generate(requestOf("Hi"), never()),
    );

    expect(text).not.toBe("");
  });

  it("lets the process end that has started it, and ends with it", async () => {
    const host = join(import.meta.dirname, "../../../../fixtures/server-host.ts");

    const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", host], {
      encoding: "utf8",
      timeout: 20_000,
    });

    expect(status).toBe(0);
    expect(stdout).toContain("wörd4");
    await waitUntil(() => !isAlive(Number(/^\d+/.exec(stdout)?.[0])));
  });

  it("is kept when it is the handler that has no descriptors left", async () => {
    const model = `words-${randomUUID()}`;
    const host = await startServerHost(model);
    await host.ask();
    const engines = processesWith(model);

    await host.hoardDescriptors(0);
    const starved = await host.ask({ prompt: "Hi", seed: 1 });
    await host.releaseDescriptors();
    const next = await host.ask();

    expect(starved).toMatchObject({ status: 503, code: "engine-unavailable" });
    expect(next.status).toBe(200);
    expect(processesWith(model)).toEqual(engines);
    await host.close();
  });

  it("ends with a process that is killed without a chance to end it, and its watch with both", async () => {
    const model = `words-${randomUUID()}`;
    const host = await startServerHost(model);
    await host.ask();
    const [engine = Number.NaN] = processesWith(model);
    expect(processesWith(`parent-death-watchdog ${engine}`)).toHaveLength(1);

    process.kill(host.pid, "SIGKILL");

    await waitUntil(() => processesWith(model).length === 0);
    await waitUntil(() => processesWith(`parent-death-watchdog ${engine}`).length === 0);
  });

  it("needs no watch any more when it is stopped", async () => {
    const engine = fakeServerEngine("words");
    await engine.settled();
    const watches = () =>
      childrenOf(process.pid).filter((line) => line.includes("parent-death-watchdog"));
    expect(watches()).toHaveLength(1);

    await engine.stop();

    await waitUntil(() => watches().length === 0);
  });
});
