import { join } from "node:path";
import { parseConfig } from "../../runtime/config.ts";
import { parseRequest } from "../../runtime/request.ts";
import { judge, readExpectations } from "../../scripts/golden-expectations.ts";
import { collect, never } from "../helpers/collect.ts";
import { llamaCliEngine } from "../helpers/fake-llama-cli.ts";
import { llamaServerEngine, stopServers } from "../helpers/fake-llama-server.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";

jest.setTimeout(60_000);

// The same answers from the resident engine, one after the other in one process: what it keeps of
// one request must not show in the next.

const file = join(import.meta.dirname, "../../model/golden/expectations.json");
// All of them are judged by `make test-engine`; here a spread of them, for time.
const cases = readExpectations(file).cases.filter((_, index) => index % 9 === 0);

const resident = llamaServerEngine(referenceLlamaServer, goldenModel);
const oneShot = llamaCliEngine(
  parseConfig({ BITNET_LLAMA_CLI: referenceLlamaCli, BITNET_MODEL: goldenModel }),
);
afterAll(stopServers);

describe("the golden model through llama-server", () => {
  it("answers the expectations to the letter", async () => {
    for (const expectation of cases) {
      const { differences } = await judge(resident, expectation);

      expect({ prompt: expectation.prompt, differences }).toEqual({
        prompt: expectation.prompt,
        differences: [],
      });
    }
  });

  it.each([
    ["drawn by chance", { temperature: 1.2, seed: 5 }],
    ["with a repeat penalty", { temperature: 0.8, repeat_penalty: 1.5, seed: 6 }],
    ["with other limits", { temperature: 1, top_k: 5, top_p: 0.5, min_p: 0.2, seed: 7 }],
    ["held to a schema", { json_schema: { enum: ["a", "b", 3] }, temperature: 1, seed: 8 }],
    ["up to a stop string", { stop: [" of"], temperature: 0 }],
  ])("answers as llama-cli does, %s", async (_name, settings) => {
    const messages = [{ role: "user", content: "What is the capital of France?" }];
    const request = parseRequest({ messages, n_predict: 24, ...settings }, () => 1);

    const [one, other] = [
      await collect(oneShot.generate(request, never())),
      await collect(resident.generate(request, never())),
    ];

    const [stop = "\0"] = request.settings.stop;
    expect(other.text).toBe(one.text.split(stop)[0]);
    if (stop === "\0") expect(other.end.usage).toEqual(one.end.usage);
  });
});
