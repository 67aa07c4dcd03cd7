import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../runtime/config.ts";
import { RequestQueue } from "../../runtime/engine/request-queue.ts";
import { generate } from "../../runtime/generate.ts";
import { collect, never } from "../helpers/collect.ts";
import { fakeEngine, llamaCliEngine } from "../helpers/fakes/fake-llama-cli.ts";
import {
  fakeLlamaServer,
  fakeServerEngine,
  llamaServerEngine,
  stopServers,
} from "../helpers/fakes/fake-llama-server.ts";
import { scriptedEngine, statelessEngine } from "../helpers/fakes/scripted-engine.ts";
import { recordedFolder } from "../helpers/recorded.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
import { requestOf } from "../helpers/requests.ts";
import { describeEngineContract } from "./engine.contract.ts";

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

/** Both fake engines, saying `wörd0 wörd1 wörd2` in their own pieces. */
function plannedEngines() {
  const model = join(mkdtempSync(join(tmpdir(), "bitnet-planned-")), "planned");
  writeFileSync(model, "{}");
  return {
    "llama-cli": fakeEngine(model),
    "llama-server": llamaServerEngine(fakeLlamaServer, model),
  } as const;
}

describe.each(["llama-cli", "llama-server"] as const)("stop strings, with %s", (name) => {
  it.each([
    ["that begins inside a piece", "rd1", "wörd0 wö"],
    ["that reaches over two pieces", "d0 w", "wör"],
    ["that is a whole piece", "wörd1", "wörd0 "],
    ["that the answer begins with", "wö", ""],
  ])("cut an answer to the letter at one %s", async (_name, stop, expected) => {
    const request = requestOf("Hi", { stop: [stop] });
    const limits = { signal: never(), timeMs: 60_000 };

    const dependencies = { engine: plannedEngines()[name], queue: new RequestQueue() };
    const { text, end } = await collect(generate(dependencies, request, limits));

    expect({ text, finishReason: end.finishReason }).toEqual({
      text: expected,
      finishReason: "stop_sequence",
    });
  });
});
