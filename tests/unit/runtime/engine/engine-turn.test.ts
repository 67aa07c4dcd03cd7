import type { Engine } from "../../../../runtime/engine/engine.ts";
import { RequestQueue } from "../../../../runtime/engine/request-queue.ts";
import { generate } from "../../../../runtime/generate.ts";
import { collect, never } from "../../../helpers/collect.ts";
import {
  type Script,
  scriptedEngine,
  statelessEngine,
} from "../../../helpers/fakes/scripted-engine.ts";
import { waitUntil } from "../../../helpers/processes.ts";
import { requestOf } from "../../../helpers/requests.ts";

/** Asks an engine, behind a queue of two. */
function asker(engine: Engine) {
  const dependencies = { engine, queue: new RequestQueue(2) };
  return (prompt: string, signal = never(), timeMs = 60_000) =>
    generate(dependencies, requestOf(prompt), { signal, timeMs });
}

/** An engine that notes which requests it works on. */
function watchedEngine(script: Script = {}) {
  const working: string[] = [];
  const begun: string[] = [];
  const ask = asker({
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
  });
  return { ask, working, begun };
}

const turnOfTheLoop = () => new Promise(setImmediate);

describe("a turn at the engine", () => {
  it("comes to one request at a time, to all of them in order", async () => {
    const { ask, working, begun } = watchedEngine({ pieces: ["one ", "two"] });
    let most = 0;
    const read = async (prompt: string) => {
      for await (const _ of ask(prompt)) {
        most = Math.max(most, working.length);
        await turnOfTheLoop();
      }
    };

    await Promise.all(["a", "b", "c"].map(read));

    expect(most).toBe(1);
    expect(begun).toEqual(["a", "b", "c"]);
  });

  it("is refused at once where the queue is full, and the others are answered", async () => {
    const { ask } = watchedEngine();

    const answers = await Promise.allSettled(
      ["a", "b", "c", "d"].map((prompt) => collect(ask(prompt))),
    );

    const answered = { status: "fulfilled" };
    const refused = { status: "rejected", reason: { kind: "engine-busy" } };
    expect(answers).toMatchObject([answered, answered, answered, refused]);
  });

  it.each([
    ["its caller disconnected", AbortSignal.timeout(5), 60_000, "client-aborted"],
    ["its time ran out", never(), 10, "deadline-exceeded"],
  ])(
    "never comes to a request of which %s while it waited; the next has its place",
    async (...row) => {
      const [, signal, ms, kind] = row;
      const { ask, begun } = watchedEngine({ isEndless: true });
      const first = new AbortController();
      const running = collect(ask("a", first.signal));
      const left = collect(ask("b", signal, ms));
      const waiting = collect(ask("c", first.signal));

      await expect(left).rejects.toMatchObject({ kind });
      const next = collect(ask("d", first.signal));
      first.abort();

      for (const gone of [running, waiting, next]) {
        await expect(gone).rejects.toMatchObject({ kind: "client-aborted" });
      }
      expect(begun).toEqual(["a"]);
    },
  );

  it("comes after a request that failed", async () => {
    const { ask, begun } = watchedEngine({ error: new Error("it broke") });

    const answers = await Promise.allSettled(["a", "b"].map((prompt) => collect(ask(prompt))));

    expect(answers).toMatchObject([{ reason: { message: "it broke" } }, { status: "rejected" }]);
    expect(begun).toEqual(["a", "b"]);
  });

  it("comes after a reader has left, when the engine has stopped", async () => {
    const { ask, working } = watchedEngine({ pieces: ["one", "two"], isEndless: true });
    for await (const _ of ask("a")) break;

    await ask("b").next();

    expect(working).toEqual(["b"]);
  });

  it("comes after a request that was aborted and is not read any more", async () => {
    const { ask, begun } = watchedEngine({ pieces: ["one", "two"], isEndless: true });
    const caller = new AbortController();
    const stalled = ask("a", caller.signal);
    await stalled.next();
    for (const prompt of ["b", "c"]) void ask(prompt).next();
    await turnOfTheLoop();
    const before = [...begun];

    caller.abort();
    await waitUntil(() => begun.length === 2);

    expect(before).toEqual(["a"]);
    await expect(collect(stalled)).rejects.toMatchObject({ kind: "client-aborted" });
    await turnOfTheLoop();
    expect(begun).toEqual(["a", "b"]);
  });

  it("comes after a request that was aborted the moment its turn came", async () => {
    const caller = new AbortController();
    const scripted = scriptedEngine({ pieces: ["one"] });
    const ask = asker({
      ...scripted,
      generate(request, signal) {
        caller.abort();
        return scripted.generate(request, signal);
      },
    });
    await expect(ask("a", caller.signal).next()).rejects.toMatchObject({ kind: "client-aborted" });

    const { text } = await collect(ask("b", never()));

    expect(text).toBe("one");
  });
});
