import { type Engine, unknownTimings } from "../../../runtime/engine/engine.ts";
import { RequestQueue } from "../../../runtime/engine/request-queue.ts";
import { generate } from "../../../runtime/generate.ts";
import { collect, never } from "../../helpers/collect.ts";
import {
  type Script,
  scriptedEngine,
  statelessEngine,
} from "../../helpers/fakes/scripted-engine.ts";
import { requestOf } from "../../helpers/requests.ts";

const minute = 60_000;

function dependenciesOf(script: Script) {
  return { engine: scriptedEngine(script), queue: new RequestQueue() };
}

function run(
  script: Script,
  { stop = [] as string[], timeMs = minute, signal = never(), tokens = 128 } = {},
) {
  const request = requestOf("Hi", { stop, n_predict: tokens });
  return collect(generate(dependenciesOf(script), request, { signal, timeMs }));
}

describe("generate", () => {
  const stop = ["STOP"];

  it.each<[string, Script, string, string]>([
    ["the engine's own end", { pieces: ["one ", "two"] }, "one two", "stop"],
    ["the engine's limit", { pieces: ["one"], finishReason: "length" }, "one", "length"],
    [
      "a stop string across pieces",
      { pieces: ["one S", "TO", "P two"], isEndless: true },
      "one ",
      "stop_sequence",
    ],
    ["a stop string in the last piece", { pieces: ["one STOP"] }, "one ", "stop_sequence"],
    ["its end behind what was no stop string", { pieces: ["one STO"] }, "one STO", "stop"],
  ])("ends at %s", async (_name, script, text, finishReason) => {
    expect(await run(script, { stop })).toMatchObject({ text, end: { finishReason } });
  });

  it("leaves an engine that says more than its tokens can be", async () => {
    const tokens = 2;
    const most = "x".repeat(tokens * 512);
    const onPiece = jest.fn();

    const { text } = await run({ pieces: [most] }, { tokens });
    const tooMuch = run({ pieces: [most, "x", "never said"], onPiece }, { tokens });

    expect(text).toBe(most);
    await expect(tooMuch).rejects.toMatchObject({ kind: "engine-failed" });
    expect(onPiece).toHaveBeenCalledTimes(2);
  });

  it.each([20, 0, -100])(
    "has nothing to give when time is up before any text: %d ms",
    async (timeMs) => {
      await expect(run({ pieces: [], isEndless: true }, { timeMs })).rejects.toMatchObject({
        kind: "deadline-exceeded",
      });
    },
  );

  it("tells when the caller was gone from the start, and does not ask the engine", async () => {
    const onRequest = jest.fn();

    await expect(run({ onRequest }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: "client-aborted",
    });

    expect(onRequest).not.toHaveBeenCalled();
  });

  /** Reads an answer of one piece whose caller leaves at its first event; how it ended. */
  async function leftAnswer(piece: string) {
    const controller = new AbortController();
    const limits = { signal: controller.signal, timeMs: minute };
    const dependencies = dependenciesOf({ pieces: [piece], isEndless: true });
    let finishReason: string | undefined;
    for await (const event of generate(dependencies, requestOf("Hi", { stop }), limits)) {
      controller.abort();
      if (event.type === "generation-end") finishReason = event.finishReason;
    }
    return finishReason;
  }

  it("tells when the caller has gone, unless a stop string came first", async () => {
    await expect(leftAnswer("one ")).rejects.toMatchObject({ kind: "client-aborted" });
    expect(await leftAnswer("one STOP")).toBe("stop_sequence");
  });

  it("rounds timings to two decimals, once for answer and log", async () => {
    const timings = { ...unknownTimings, firstTokenMs: 1.23456, totalMs: 1000.005001 };
    const engine: Engine = {
      ...statelessEngine,
      async *generate() {
        const usage = { promptTokens: 1, predictedTokens: 1 };
        yield { type: "generation-end", finishReason: "stop", usage, timings };
      },
    };
    const onEnd = jest.fn();
    const limits = { signal: never(), timeMs: minute, onEnd };

    const { end } = await collect(
      generate({ engine, queue: new RequestQueue() }, requestOf("Hi"), limits),
    );

    const rounded = { ...unknownTimings, firstTokenMs: 1.23, totalMs: 1000.01 };
    expect(end.timings).toEqual(rounded);
    expect(onEnd).toHaveBeenCalledWith(expect.objectContaining({ timings: rounded }));
  });
});
