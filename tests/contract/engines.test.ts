import { join } from "node:path";
import { parseConfig } from "../../runtime/config.ts";
import type { Engine, EngineEvent } from "../../runtime/engine/engine.ts";
import { collect, never } from "../helpers/collect.ts";
import { llamaCliEngine } from "../helpers/fakes/fake-llama-cli.ts";
import {
  fakeServerEngine,
  llamaServerEngine,
  stopServers,
} from "../helpers/fakes/fake-llama-server.ts";
import { scriptedEngine, statelessEngine } from "../helpers/fakes/scripted-engine.ts";
import { recordedFolder } from "../helpers/recorded.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
import { requestOf } from "../helpers/requests.ts";

/** An engine under test, with prompts that bring out what the contract speaks of. */
interface EngineUnderTest {
  readonly engine: () => Engine;
  /** A prompt whose answer takes several pieces. */
  readonly prompt: string;
  /** A prompt whose answer is long enough to be interrupted. */
  readonly longPrompt: string;
}

/** What every engine behind the port must do. */
function describeEngineContract(name: string, under: EngineUnderTest): void {
  describe(`${name}, as an engine`, () => {
    const short = requestOf(under.prompt, { temperature: 0, n_predict: 16 });

    it("yields text in pieces that are never empty, then exactly one end, with its counts", async () => {
      const { pieces, end } = await collect(under.engine().generate(short, never()));

      expect(pieces.length).toBeGreaterThan(0);
      expect(pieces).not.toContain("");
      expect(["stop", "length"]).toContain(end.finishReason);
      expect(end.usage.promptTokens).toBeGreaterThan(0);
      expect(end.usage.predictedTokens).toBeGreaterThan(0);
      expect(end.usage.predictedTokens).toBeLessThanOrEqual(16);
      expect(end.timings.totalMs).toBeGreaterThanOrEqual(0);
    });

    it("ends with `aborted` when told to stop half-way, with the pieces so far counted", async () => {
      const controller = new AbortController();
      const request = requestOf(under.longPrompt, { temperature: 0, n_predict: 4096 });

      let pieces = 0;
      let end: EngineEvent | undefined;
      for await (const event of under.engine().generate(request, controller.signal)) {
        if (event.type === "text-delta" && ++pieces === 3) controller.abort();
        else end = event;
      }

      expect(end).toMatchObject({ finishReason: "aborted", usage: { predictedTokens: pieces } });
    });

    it("ends with `aborted` and no text when told to stop before it began", async () => {
      const { text, end } = await collect(
        under.engine().generate(requestOf(under.longPrompt), AbortSignal.abort()),
      );

      expect(text).toBe("");
      expect(end.finishReason).toBe("aborted");
    });

    it("can be left early and asked again", async () => {
      const engine = under.engine();

      for await (const event of engine.generate(short, never())) {
        if (event.type === "text-delta") break;
      }
      const { text } = await collect(engine.generate(short, never()));

      expect(text).not.toBe("");
    });
  });
}

afterEach(stopServers);

describeEngineContract("the scripted engine", {
  engine: () => ({
    ...statelessEngine,
    generate: (request, signal) =>
      scriptedEngine({
        pieces: request.prompt === "long" ? Array(500).fill("word ") : ["one ", "two"],
        isEndless: request.prompt === "long",
      }).generate(request, signal),
  }),
  prompt: "short",
  longPrompt: "long",
});

describeEngineContract("llama-server, as the fake speaks it", {
  engine: () => fakeServerEngine("slow-words"),
  prompt: "short",
  longPrompt: "long",
});

describeEngineContract("llama-server with the reference engine", {
  engine: () => llamaServerEngine(referenceLlamaServer, goldenModel),
  prompt: "User: Hello",
  longPrompt: "User: Hello",
});

describeEngineContract("llama-cli with the reference engine", {
  engine: () =>
    llamaCliEngine(
      parseConfig({
        BITNET_LLAMA_CLI: referenceLlamaCli,
        BITNET_MODEL: join(recordedFolder, "random-tiny.gguf"),
      }),
    ),
  prompt: "Hello world",
  longPrompt: "Hello world",
});
