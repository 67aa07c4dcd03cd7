import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineEvent } from "../../../../../runtime/engine/engine.ts";
import { collect, never } from "../../../../helpers/collect.ts";
import {
  fakeLlamaServer,
  fakeServerEngine,
  llamaServerEngine,
  stopServers,
} from "../../../../helpers/fakes/fake-llama-server.ts";
import { startHandlerHost } from "../../../../helpers/handler-host.ts";
import { isAlive, processesWith, waitUntil } from "../../../../helpers/processes.ts";
import { requestOf } from "../../../../helpers/requests.ts";

afterEach(stopServers);

/** Asks an engine a question; the whole answer. */
function ask(engine: Engine, settings = {}, signal = never(), prompt = "Hi") {
  return collect(engine.generate(requestOf(prompt, settings), signal));
}

/** A fake that has loaded. */
async function loadedEngine(scenario: string): Promise<Engine> {
  const engine = fakeServerEngine(scenario);
  await engine.settled();
  return engine;
}

/** The command lines of a process's children. */
function childrenOf(pid: number): string[] {
  const { stdout } = spawnSync("ps", ["-o", "args=", "--ppid", String(pid)], { encoding: "utf8" });
  return stdout.trim().split("\n");
}

/** Aborts at the first piece of text; how the answer ended, and how long after that. */
async function abortAfterText(engine: Engine) {
  const controller = new AbortController();
  const request = requestOf("a long one", { n_predict: 4096 });
  let abortedAt = 0;
  let end: EngineEvent | undefined;
  for await (const event of engine.generate(request, controller.signal)) {
    if (abortedAt === 0) abortedAt = performance.now();
    controller.abort();
    end = event;
  }
  return { end, tookMs: performance.now() - abortedAt };
}

describe("the llama-server engine", () => {
  it("turns the stream into the same events as llama-cli's, with the engine's own counts", async () => {
    const { pieces, end } = await ask(fakeServerEngine("words"), {}, never(), "Hello my world");

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

  it("sends every setting but the stop strings, streamed, with the cache on, and only a few variables", async () => {
    process.env.LLAMA_ARG_THREADS = "64";
    const settings = {
      n_predict: 9,
      seed: 5,
      temperature: 0.25,
      frequency_penalty: 0.5,
      presence_penalty: -0.5,
    };

    const { text } = await ask(fakeServerEngine("echo"), { ...settings, stop: ["\n"] });

    const { body, args, environment } = JSON.parse(text);
    expect(body).toEqual({
      ...settings,
      prompt: "Hi",
      top_p: 0.9,
      top_k: 40,
      min_p: 0.05,
      repeat_penalty: 1.1,
      repeat_last_n: 64,
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
  const streamed = { cache_prompt: true, stream: true };
  const reads = (prompt: unknown) => ({ ...streamed, n_predict: 0, prompt });
  const answers = (prompt: string) => ({ ...streamed, n_predict: 128, prompt });
  const counts = (content: string) => ({ content });
  const readFirst = [reads(one), answers(one)];
  const cached = [answers(one), counts(one), reads([1, 2, 0]), answers(one)];
  const counted = [counts(one), { ...answers(one), n_predict: 4092 }];

  it.each<[string, object, string[], object[]]>([
    ["the whole prompt before, with a penalty", {}, [one], readFirst],
    ["it for a frequency penalty", { ...unpenalized, frequency_penalty: 0.1 }, [one], readFirst],
    ["it for a presence penalty", { ...unpenalized, presence_penalty: -0.1 }, [one], readFirst],
    ["nothing, without a penalty", unpenalized, [one, other], [answers(one), answers(other)]],
    ["a cached prompt up to the last two tokens", unpenalized, [one, one], cached],
    ["the tokens of what may not fit", { ...unpenalized, n_predict: 4096 }, [one], counted],
  ])(
    "is asked for as few readings as give the text of llama-cli: %s",
    async (_, settings, prompts, bodies) => {
      const folder = mkdtempSync(join(tmpdir(), "bitnet-bodies-"));
      const engine = llamaServerEngine(fakeLlamaServer, join(folder, "notes-bodies"));

      for (const prompt of prompts) await ask(engine, settings, never(), prompt);

      const noted = readFileSync(join(folder, "notes-bodies.bodies"), "utf8").trim().split("\n");
      expect(noted.map((body) => JSON.parse(body))).toMatchObject(bodies);
      expect(noted).toHaveLength(bodies.length);
    },
  );

  it("is free for the next request within 100 ms of an abort, and has counted the prompt", async () => {
    const engine = fakeServerEngine("slow-words");

    const { end: aborted, tookMs } = await abortAfterText(engine);
    const { end } = await ask(engine);

    expect(aborted).toMatchObject({ finishReason: "aborted", usage: { promptTokens: 4 } });
    expect(tookMs).toBeLessThan(100);
    expect(end.timings.firstTokenMs).toBeLessThan(100);
  });

  it("leaves out NUL characters, as llama-cli does", async () => {
    expect(await ask(fakeServerEngine("nul"))).toMatchObject({ text: "one two" });
  });

  it("refuses a prompt that does not fit, before the engine cuts it silently", async () => {
    const engine = fakeServerEngine("words", { BITNET_CONTEXT_TOKENS: "64" });
    const askWords = (words: number) =>
      ask(engine, { n_predict: 4 }, never(), "word ".repeat(words));

    expect((await askWords(59)).end.usage.promptTokens).toBe(60);
    await expect(askWords(60)).rejects.toMatchObject({
      kind: "context-exceeded",
      details: { promptTokens: 61, maximumTokens: 60 },
    });
  });

  it("asks for no more tokens than the context has room for", async () => {
    const engine = fakeServerEngine("words", { BITNET_CONTEXT_TOKENS: "64" });

    const { end } = await ask(engine, { n_predict: 4096 }, never(), "long ".repeat(50));

    expect(end).toMatchObject({ finishReason: "length", usage: { predictedTokens: 64 - 51 } });
  });

  it("is loading, then healthy; a request meanwhile waits and tells for how long", async () => {
    const engine = fakeServerEngine("slow-load");
    expect(() => engine.checkHealth()).toThrow(expect.objectContaining({ kind: "engine-loading" }));

    const { text, end } = await ask(engine);

    expect(text).not.toBe("");
    expect(end.timings.loadMs).toBeGreaterThan(250);
    expect(() => engine.checkHealth()).not.toThrow();
  });

  it("can be told to stop while it loads", async () => {
    const { end } = await ask(fakeServerEngine("never-ready"), {}, AbortSignal.timeout(50));

    expect(end.finishReason).toBe("aborted");
  });

  it("tells why it cannot start, at health too, and tries again with the next request", async () => {
    const engine = await loadedEngine("load-error");

    expect(() => engine.checkHealth()).toThrow(expect.objectContaining({ kind: "model-invalid" }));
    await expect(ask(engine)).rejects.toMatchObject({ kind: "model-invalid" });
    await expect(ask(engine)).rejects.toMatchObject({ kind: "model-invalid" });
  });

  it("names its own variable when its executable is not there", async () => {
    const engine = fakeServerEngine("words", { BITNET_LLAMA_SERVER: "/nowhere/llama-server" });

    await expect(ask(engine)).rejects.toMatchObject({
      kind: "engine-missing",
      message: expect.stringContaining("BITNET_LLAMA_SERVER"),
    });
  });

  it.each([
    ["for as long as a restart would take", "slower-load-than-prompt"],
    ["that is short", "slow-prompt"],
  ])("keeps a server that is told to stop while it reads a prompt, %s", async (_, scenario) => {
    const engine = await loadedEngine(scenario);
    const aborted = await ask(engine, {}, AbortSignal.timeout(30));

    const { end } = await ask(engine);

    expect(aborted.end.finishReason).toBe("aborted");
    expect(end.timings.loadMs).toBeLessThan(20);
  });

  it("does not hold up others with requests that were given up, read to their end or not", async () => {
    const engine = fakeServerEngine("slow-words");
    const controller = new AbortController();
    const request = requestOf("a long one", { n_predict: 4096 });
    const first = engine.generate(request, controller.signal)[Symbol.asyncIterator]();
    await first.next();

    const waiting = await ask(engine, {}, AbortSignal.timeout(20));
    controller.abort();
    const { text } = await ask(engine);

    expect(waiting.end.finishReason).toBe("aborted");
    expect(text).not.toBe("");
  });

  it.each<[string, object]>([
    ["crash-always", { signal: "SIGSEGV" }],
    ["no-json", {}],
    ["other-shape", {}],
    ["error-line", {}],
    ["no-end", {}],
  ])("fails a request on %s, without blaming it", async (scenario, details) => {
    const error = { kind: "engine-failed", details };

    await expect(ask(fakeServerEngine(scenario))).rejects.toMatchObject(error);
  });

  it.each(["refuses-grammar", "refuses-grammar-in-pieces"])(
    "never shows an answer for which the engine has dropped the grammar: %s",
    async (scenario) => {
      const answer = ask(fakeServerEngine(scenario), { grammar: 'root ::= "yes"' });

      const message = "cannot be used by the engine: simplify it";
      await expect(answer).rejects.toMatchObject({
        kind: "request-invalid",
        details: { problems: [{ path: "grammar", message }] },
      });
    },
  );

  it("is not stopped by a log that nobody reads", async () => {
    expect((await ask(fakeServerEngine("stderr-flood"))).text).not.toBe("");
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

  it("ends with a process that is killed without a chance to end it, and its watch with both", async () => {
    const model = `words-${randomUUID()}`;
    const variables = { BITNET_ENGINE: "llama-server", BITNET_LLAMA_SERVER: fakeLlamaServer };
    const host = await startHandlerHost({ variables: { ...variables, BITNET_MODEL: model } });
    await host.ask();
    const [engine = Number.NaN] = processesWith(model);
    expect(processesWith(`parent-death-watchdog ${engine}`)).toHaveLength(1);

    process.kill(host.pid, "SIGKILL");

    await waitUntil(() => processesWith(model).length === 0);
    await waitUntil(() => processesWith(`parent-death-watchdog ${engine}`).length === 0);
  });

  it("needs no watch any more when it is stopped", async () => {
    const engine = await loadedEngine("words");
    const watches = () =>
      childrenOf(process.pid).filter((line) => line.includes("parent-death-watchdog"));
    expect(watches()).toHaveLength(1);

    await engine.stop();

    await waitUntil(() => watches().length === 0);
  });
});
