import { join } from "node:path";
import { parseConfig } from "../../runtime/config.ts";
import { llamaCliEngine } from "../helpers/fakes/fake-llama-cli.ts";
import {
  fakeServerEngine,
  llamaServerEngine,
  stopServers,
} from "../helpers/fakes/fake-llama-server.ts";
import { scriptedEngine, statelessEngine } from "../helpers/fakes/scripted-engine.ts";
import { recordedFolder } from "../helpers/recorded.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
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
