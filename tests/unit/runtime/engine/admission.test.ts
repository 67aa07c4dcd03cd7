import { type Engine, statelessEngine } from "../../../../runtime/engine/engine.ts";
import { generate } from "../../../../runtime/generate.ts";
import { collect, never } from "../../../helpers/collect.ts";
import { type Script, scriptedEngine } from "../../../helpers/fakes/scripted-engine.ts";
import { oneAtATime } from "../../../helpers/one-at-a-time.ts";
import { waitUntil } from "../../../helpers/processes.ts";
import { requestOf } from "../../../helpers/requests.ts";

/** An engine that notes which requests it works on, behind a line of two. */
function watchedEngine(script: Script = {}): {
  engine: Engine;
  working: string[];
  begun: string[];
} {
  const working: string[] = [];
  const begun: string[] = [];
  const engine: Engine = {
    ...statelessEngine,
    async *generate(request, signal) {
      begun.push(request.prompt);
      working.push(request.prompt);
      try {
        yield* scriptedEngine(script).generate(request, signal);
      } finally {
        working.splice(working.indexOf(request.prompt), 1);
      }
    },
  };
  return { engine: oneAtATime(engine, 2), working, begun };
}

const turnOfTheLoop = () => new Promise(setImmediate);

describe("an engine behind a waiting line", () => {
  it("answers one request at a time, all of them in order", async () => {
    const { engine, working, begun } = watchedEngine({ pieces: ["one ", "two"] });
    let most = 0;
    const ask = async (prompt: string) => {
      for await (const _ of engine.generate(requestOf(prompt), never())) {
        most = Math.max(most, working.length);
        await turnOfTheLoop();
      }
    };

    await Promise.all(["a", "b", "c"].map(ask));

    expect(most).toBe(1);
    expect(begun).toEqual(["a", "b", "c"]);
  });

  it("refuses at once whom the line has no place for, and answers the others", async () => {
    const { engine } = watchedEngine();
    const ask = (prompt: string) => collect(engine.generate(requestOf(prompt), never()));

    const answers = await Promise.allSettled(["a", "b", "c", "d"].map(ask));

    expect(answers.map((answer) => answer.status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    expect(answers[3]).toMatchObject({ reason: { kind: "engine-busy" } });
  });

  it("never begins a request that was given up while it waited", async () => {
    const { engine, begun } = watchedEngine({ isEndless: true });
    const first = new AbortController();
    const running = collect(engine.generate(requestOf("a"), first.signal));

    const given = await collect(engine.generate(requestOf("b"), AbortSignal.timeout(5)));
    first.abort();
    await running;

    expect(given.end).toMatchObject({
      finishReason: "aborted",
      usage: { promptTokens: null, predictedTokens: 0 },
    });
    expect(given.end.timings.totalMs).toBeGreaterThan(0);
    expect(begun).toEqual(["a"]);
  });

  it("counts the wait as part of a request's time", async () => {
    const { engine } = watchedEngine({ isEndless: true });
    const first = new AbortController();
    const running = collect(engine.generate(requestOf("a"), first.signal));

    const late = collect(generate(engine, requestOf("b"), { signal: never(), timeMs: 10 }));

    await expect(late).rejects.toMatchObject({ kind: "deadline-exceeded" });
    first.abort();
    await running;
  });

  it("goes on behind a request that failed", async () => {
    const { engine, begun } = watchedEngine({ error: new Error("it broke") });
    const ask = (prompt: string) => collect(engine.generate(requestOf(prompt), never()));

    const answers = await Promise.allSettled(["a", "b"].map(ask));

    expect(answers).toMatchObject([{ reason: { message: "it broke" } }, { status: "rejected" }]);
    expect(begun).toEqual(["a", "b"]);
  });

  it("goes on behind a reader who has left, when the engine has stopped", async () => {
    const { engine, working } = watchedEngine({ pieces: ["one", "two"], isEndless: true });
    for await (const _ of engine.generate(requestOf("a"), never())) break;

    const events = engine.generate(requestOf("b"), never());
    await events[Symbol.asyncIterator]().next();

    expect(working).toEqual(["b"]);
  });

  it("goes on behind a request that was given up and that nobody reads any more", async () => {
    const { engine, begun } = watchedEngine({ pieces: ["one", "two"], isEndless: true });
    const caller = new AbortController();
    const stalled = engine.generate(requestOf("a"), caller.signal)[Symbol.asyncIterator]();
    await stalled.next();
    const next = engine.generate(requestOf("b"), never())[Symbol.asyncIterator]();
    void next.next();
    await turnOfTheLoop();
    const before = [...begun];

    caller.abort();
    await waitUntil(() => begun.length === 2);

    expect(before).toEqual(["a"]);
    const rest = await collect({ [Symbol.asyncIterator]: () => stalled });
    expect(rest.end.finishReason).toBe("aborted");
  });

  it("goes on behind a request that was given up the moment its turn came", async () => {
    const caller = new AbortController();
    const scripted = scriptedEngine({ pieces: ["one"] });
    const engine = oneAtATime({
      ...scripted,
      generate(request, signal) {
        caller.abort();
        return scripted.generate(request, signal);
      },
    });
    const stalled = engine.generate(requestOf("a"), caller.signal)[Symbol.asyncIterator]();
    await stalled.next();

    const { text } = await collect(engine.generate(requestOf("b"), never()));

    expect(text).toBe("one");
  });

  it("asks the engine for text no faster than it is read", async () => {
    let told = 0;
    const { engine } = watchedEngine({ pieces: Array(50).fill("x"), onPiece: () => told++ });
    const events = engine.generate(requestOf("a"), never())[Symbol.asyncIterator]();

    await events.next();
    await turnOfTheLoop();

    expect(told).toBe(1);
  });

  it("passes on what the engine tells of itself", async () => {
    const obstacle = new Error("loading");
    const engine = oneAtATime(scriptedEngine({ obstacle }));

    expect(() => engine.checkHealth()).toThrow(obstacle);
    await expect(engine.settled()).resolves.toBeUndefined();
  });
});
