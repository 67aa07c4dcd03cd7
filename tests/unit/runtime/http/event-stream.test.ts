import { AppError } from "../../../../runtime/errors.ts";
import { eventStreamResponse } from "../../../../runtime/http/event-stream.ts";
import { never } from "../../../helpers/collect.ts";
import { scriptedService } from "../../../helpers/fakes/scripted-service.ts";
import {
  chatBody,
  chunksOf,
  completionBody,
  dataOf,
  scriptedApp,
} from "../../../helpers/http-app.ts";
import { waitUntil } from "../../../helpers/processes.ts";

const chat = { ...chatBody, stream: true };

describe("a streamed answer", () => {
  it("is OpenAI's chunks, the first tells who speaks, the last how it ended, then [DONE]", async () => {
    const { post } = scriptedApp({ pieces: ["one ", "two"] });

    const response = await post("/v1/chat/completions", chat);

    const chunks = await chunksOf(response);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(chunks.map(({ choices }) => choices[0])).toEqual([
      {
        index: 0,
        delta: { role: "assistant", content: "" },
        logprobs: null,
        finish_reason: null,
      },
      { index: 0, delta: { content: "one " }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: "two" }, logprobs: null, finish_reason: null },
      { index: 0, delta: {}, logprobs: null, finish_reason: "stop" },
    ]);
    expect(new Set(chunks.map(({ id, object }) => `${id} ${object}`))).toEqual(
      new Set(["chatcmpl-id-1 chat.completion.chunk"]),
    );
    expect(chunks.at(-1)).toMatchObject({ bitnet: { seed: 7, cold_start: true } });
    expect(chunks.filter((chunk) => "usage" in chunk)).toEqual([]);
  });

  it("has a chunk of its own for the counts when that is asked for", async () => {
    const { post } = scriptedApp({ pieces: ["one"] });

    const stream_options = { include_usage: true };
    const chunks = await chunksOf(post("/v1/chat/completions", { ...chat, stream_options }));

    expect(chunks.map(({ usage }) => usage)).toEqual([
      null,
      null,
      null,
      { prompt_tokens: 30, completion_tokens: 1, total_tokens: 31 },
    ]);
    expect(chunks.at(-1).choices).toEqual([]);
  });

  it("tells who speaks even when nothing is said", async () => {
    const { post } = scriptedApp({ pieces: [] });

    const chunks = await chunksOf(post("/v1/chat/completions", chat));

    const deltas = chunks.map(({ choices }) => choices[0].delta);
    expect(deltas).toEqual([{ role: "assistant", content: "" }, {}]);
  });

  it("is llama-server's own events at /completion", async () => {
    const { post } = scriptedApp({ pieces: ["one"] });

    const response = await post("/completion", { ...completionBody, stream: true });

    const events = await dataOf(response);
    expect(events.map((event) => JSON.parse(event))).toMatchObject([
      { content: "one", stop: false },
      { content: "", stop: true, finish_reason: "stop", tokens_predicted: 1, seed: 7 },
    ]);
  });

  it.each(["/v1/chat/completions", "/completion"])(
    "that fails after it ends with one error and no [DONE] at %s",
    async (path) => {
      const error = new AppError("engine-failed", "a secret path");
      const { post, lines } = scriptedApp({ pieces: ["one"], error });

      const response = await post(
        path,
        path === "/completion" ? { ...completionBody, stream: true } : chat,
      );

      const events = await dataOf(response);
      expect(response.status).toBe(200);
      expect(events).toHaveLength(path === "/v1/chat/completions" ? 3 : 2);
      expect(JSON.parse(events.at(-1) ?? "")).toMatchObject({
        error: { type: "server_error", code: "engine-failed", request_id: "id-1" },
      });
      expect(events.join("")).not.toContain("secret");
      expect(lines.map(({ event }) => event)).toEqual(["request_failed"]);
    },
  );

  it("takes pieces from the engine only as fast as they are read", async () => {
    let asked = 0;
    const { post } = scriptedApp({ pieces: Array(50).fill("x"), onPiece: () => asked++ });
    const response = await post("/v1/chat/completions", chat);
    const reader = response.body?.getReader();

    await reader?.read();
    await new Promise(setImmediate);

    expect(asked).toBeLessThan(5);
    await reader?.cancel();
  });

  it("stops the engine when its reader goes away, and is logged as left", async () => {
    const onStop = jest.fn();
    const { post, lines } = scriptedApp({ pieces: ["one"], isEndless: true, onStop });
    const response = await post("/v1/chat/completions", chat);
    const reader = response.body?.getReader();
    await reader?.read();

    await reader?.cancel();

    await waitUntil(() => onStop.mock.calls.length > 0);
    expect(lines.map(({ event }) => event)).toEqual(["client_disconnected"]);
  });

  it("stops the engine when the caller goes away before the first word", async () => {
    const { post, leave, lines } = scriptedApp({ pieces: [], isEndless: true });
    const pending = post("/v1/chat/completions", chat);

    leave();

    expect((await pending).status).toBe(499);
    expect(lines).toMatchObject([
      { level: "info", event: "request_failed", fields: { kind: "client-aborted" } },
    ]);
  });

  it("has a status of its own when too many wait, and when its time is up while it waits", async () => {
    let remainingMs = 120_000;
    const { post, get } = scriptedApp({
      ...{ pieces: ["one"], isEndless: true, mostWaiting: 1 },
      remainingMs: () => remainingMs,
    });
    const ask = () => post("/v1/chat/completions", chat);
    const running = await ask();
    remainingMs = 60_020;
    const waiting = ask();

    const refused = await ask();
    const free = await Promise.all(["/health", "/v1/models"].map((path) => get(path)));

    expect([running, ...free].map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect((await waiting).status).toBe(504);
    await running.body?.cancel();
  });
});

describe("a stream that has nothing to say yet", () => {
  async function* slowly(gate: Promise<void>, error?: Error): AsyncGenerator<object> {
    await gate;
    if (error) throw error;
    yield { said: true };
  }
  const respond = (values: AsyncGenerator<object>) =>
    eventStreamResponse({
      service: scriptedService(),
      call: { requestId: "id-1", remainingMs: () => 1000, signal: never(), start },
      begin: () => values,
      closing: "",
      silenceMs: 5,
    });
  const start = { isColdStart: false, isRestored: false };

  it.each([
    ["its first value", undefined, 'data: {"said":true}\n\n'],
    ["the failure", new AppError("engine-busy", "busy"), /^data: \{"error":.*engine-busy.*\n\n$/],
  ])("is kept open by comments, and then sends %s", async (_name, error, expected) => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const response = await respond(slowly(gate, error));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const read = async () => Buffer.from((await reader.read()).value ?? []).toString();

    expect([await read(), await read()]).toEqual(Array(2).fill(": still working\n\n"));
    open();
    let text = await read();
    while (text.startsWith(":")) text = await read();
    expect(text).toEqual(typeof expected === "string" ? expected : expect.stringMatching(expected));
  });
});
