import { join } from "node:path";
import { parseConfig } from "../../runtime/config.ts";
import { parseRequest } from "../../runtime/request/request.ts";
import { judge } from "../../scripts/build/gate/judge.ts";
import { goldenQuestion as golden } from "../../scripts/build/gate/questions.ts";
import { readExpectations } from "../../scripts/build/golden-expectations.ts";
import { collect, never } from "../helpers/collect.ts";
import { llamaCliEngine } from "../helpers/fakes/fake-llama-cli.ts";
import { llamaServerEngine, stopServers } from "../helpers/fakes/fake-llama-server.ts";
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
      const { differences } = await judge(resident, golden(expectation));

      expect([expectation.prompt, differences]).toEqual([expectation.prompt, []]);
    }
  });

  it.each([
    ["drawn by chance", { temperature: 1.2, seed: 5 }],
    ["with a repeat penalty", { temperature: 0.8, repeat_penalty: 1.8, seed: 6 }],
    ["with other limits", { temperature: 1, top_k: 5, top_p: 0.5, min_p: 0.2, seed: 7 }],
    ["held to a schema", { json_schema: { enum: ["a", "b", 3] }, temperature: 1, seed: 8 }],
  ])("answers as llama-cli does, %s", async (_name, settings) => {
    const request = requestOf("What is AWS Lambda?", settings);

    const one = await collect(oneShot.generate(request, never()));
    const other = await collect(resident.generate(request, never()));

    expect(other.text).toBe(one.text);
    expect(other.end.usage).toEqual(one.end.usage);
  });

  it("answers the same again, whatever was asked before", async () => {
    const settings = { temperature: 2, top_p: 1, top_k: 0, min_p: 0, seed: 1 };
    const drawn = async (content: string) =>
      (await collect(resident.generate(requestOf(content, settings), never()))).text;

    const first = await drawn("Why is the sky blue?");
    const again = await drawn("Why is the sky blue?");
    await drawn("Tell me a joke about programming.");
    const later = await drawn("Why is the sky blue?");

    expect([again, later]).toEqual([first, first]);
  });
});

function requestOf(content: string, settings: object) {
  const fields = { messages: [{ role: "user", content }], n_predict: 24, ...settings };
  return parseRequest(fields, () => 1);
}
