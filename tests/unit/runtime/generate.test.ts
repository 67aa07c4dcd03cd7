import { type Engine, unknownTimings } from "../../../runtime/engine/engine.ts";
import { RequestQueue } from "../../../runtime/engine/request-queue.ts";
import { AppError } from "../../../runtime/errors.ts";
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
  it.each(["stop", "length"] as const)(
    "tells that the engine ended by %s",
    async (finishReason) => {
      const { text, end } = await run({ pieces: ["one ", "two"], finishReason });

      expect(text).toBe("one two");
      expect(end.finishReason).toBe(finishReason);
    },
  );

  it("ends at a stop string across pieces and shows nothing of it", async () => {
    const { text, end } = await run(
      { pieces: ["one S", "TO", "P two"], isEndless: true },
      { stop: ["STOP"] },
    );

    expect(text).toBe("one ");
    expect(end.finishReason).toBe("stop_sequence");
  });

  it("ends at a stop string in the very last piece", async () => {
    const { text, end } = await run({ pieces: ["one STOP"] }, { stop: ["STOP"] });

    expect(text).toBe("one ");
    expect(end.finishReason).toBe("stop_sequence");
  });

  it("shows what looked like a stop string and was none", async () => {
    const { text, end } = await run({ pieces: ["one STO"] }, { stop: ["STOP"] });

    expect(text).toBe("one STO");
    expect(end.finishReason).toBe("stop");
  });

  it("leaves an engine that says more than its tokens can be", async () => {
    const tokens = 2;
    const most = "x".repeat(tokens * 512);
    let pieces = 0;
    const onPiece = () => {
      pieces++;
    };

    const { text } = await run({ pieces: [most] }, { tokens });
    const tooMuch = run({ pieces: [most, "x", "never said"], onPiece }, { tokens });

    expect(text).toBe(most);
    await expect(tooMuch).rejects.toMatchObject({ kind: "engine-failed" });
    expect(pieces).toBe(2);
  });

  it("gives the text so far when time is up", async () => {
    const { text, end } = await run({ pieces: ["one "], isEndless: true }, { timeMs: 20 });

    expect(text).toBe("one ");
    expect(end.finishReason).toBe("deadline");
  });

  it.each([20, 0, -100])(
    "has nothing to give when time is up before any text: %d ms",
    async (timeMs) => {
      await expect(run({ pieces: [], isEndless: true }, { timeMs })).rejects.toMatchObject({
        kind: "deadline-exceeded",
      });
    },
  );

  it("tells when the caller has gone", async () => {
    const controller = new AbortController();
    const events = generate(
      dependenciesOf({ pieces: ["one "], isEndless: true }),
      requestOf("Hi"),
      { signal: controller.signal, timeMs: minute },
    );

    await expect(
      (async () => {
        for await (const event of events) if (event.type === "text-delta") controller.abort();
      })(),
    ).rejects.toMatchObject({ kind: "client-aborted" });
  });

  it("tells when the caller was gone from the start", async () => {
    await expect(
      run({ pieces: ["one "], isEndless: true }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ kind: "client-aborted" });
  });

  it("lets the first cause win", async () => {
    const controller = new AbortController();
    const events = generate(
      dependenciesOf({ pieces: ["one STOP"], isEndless: true }),
      requestOf("Hi", { stop: ["STOP"] }),
      { signal: controller.signal, timeMs: minute },
    );

    let finishReason: string | undefined;
    for await (const event of events) {
      controller.abort();
      if (event.type === "generation-end") finishReason = event.finishReason;
    }

    expect(finishReason).toBe("stop_sequence");
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

  it("passes the engine's error on as it is", async () => {
    const error = new AppError("engine-failed", "it broke");

    await expect(run({ pieces: ["one "], error })).rejects.toBe(error);
  });
});
