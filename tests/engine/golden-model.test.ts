import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judge } from "../../scripts/build/gate/judge.ts";
import { goldenQuestion as golden } from "../../scripts/build/gate/questions.ts";
import { readExpectations } from "../../scripts/build/golden-expectations.ts";
import { openApplication } from "../helpers/fakes/fake-application.ts";
import { goldenModel, referenceLlamaCli } from "../helpers/reference.ts";

jest.setTimeout(60_000);

// The answers themselves: real text from the real (tiny) model, through the handler and the
// reference engine's process.

const root = join(import.meta.dirname, "../..");
const expectations = readExpectations(join(root, "model/golden/expectations.json"));
const wrongBlockLlamaCli = join(root, "tests/fixtures/wrong-block-llama-cli.sh");

const openGolden = (llamaCli: string) =>
  openApplication({ BITNET_LLAMA_CLI: llamaCli, BITNET_MODEL: goldenModel });

/** Asks the handler, greedily, and gives the body of its answer. */
async function ask(request: Record<string, unknown>) {
  const { application, context } = openGolden(referenceLlamaCli);
  const event = { temperature: 0, repeat_penalty: 1, ...request };
  const { statusCode, body } = await application.invoke(event, context);
  expect(statusCode).toBe(200);
  return JSON.parse(body);
}

describe("the golden model through the handler", () => {
  it("answers a question after others", async () => {
    const messages = [
      { role: "system", content: "You are a helpful assistant." },
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Hello! How can I help you?" },
      { role: "user", content: "What is the capital of Spain?" },
    ];

    expect(await ask({ messages })).toMatchObject({
      content: expect.stringContaining("Madrid"),
      finish_reason: "stop",
    });
  });

  it("draws the same text from a seed, and another for every other setting", async () => {
    const drawn = { temperature: 2, top_p: 1, min_p: 0, top_k: 0, seed: 1, n_predict: 24 };
    const request = { prompt: "User: Tell me", ...drawn };
    const others = { top_p: 0.01, top_k: 1, min_p: 0.9, repeat_penalty: 2, n_predict: 5 };
    const said = await ask(request);

    expect((await ask(request)).content).toBe(said.content);
    for (const [name, value] of Object.entries({ seed: 2, temperature: 0, ...others })) {
      const body = await ask({ ...request, [name]: value });
      expect([name, body.generation_settings[name]]).toEqual([name, value]);
      expect([name, body.content]).not.toEqual([name, said.content]);
    }
  });
});

describe("the golden expectations", () => {
  it("are at least 24, in both forms, each sure at every token", () => {
    const forms = expectations.cases.map(({ form }) => form);

    expect(expectations.cases.length).toBeGreaterThanOrEqual(24);
    expect(new Set(forms)).toEqual(new Set(["raw", "chat"]));
    for (const { margins } of expectations.cases) {
      expect(Math.min(...margins)).toBeGreaterThanOrEqual(1);
    }
  });

  // All of them are judged by `make test-engine`; here a spread of them, for time.
  const sample = expectations.cases.filter((_, index) => index % 19 === 0);

  it.each(sample)("hold for the reference engine: $answer", async (expectation) => {
    const verdict = await judge(
      openGolden(referenceLlamaCli).application.engine,
      golden(expectation),
    );

    expect(verdict).toMatchObject({ got: expectation.answer, differences: [] });
  });

  it("refuse an engine that reads I2_S in blocks of 64 weights", async () => {
    const { engine } = openGolden(wrongBlockLlamaCli).application;

    const verdicts = await Promise.all(
      sample.map((expectation) => judge(engine, golden(expectation))),
    );

    expect(verdicts.filter(({ differences }) => differences.length === 0)).toEqual([]);
  });

  it.each([
    ["right", referenceLlamaCli, 0, "2 of 2 right", "gives all 5 answers as expected."],
    ["wrong", wrongBlockLlamaCli, 1, "0 of 2 right", "WRONG: golden, llama-cli: text"],
  ])("end the gate for an engine that is %s", (_, engine, status, ...outputs) => {
    const folder = mkdtempSync(join(tmpdir(), "bitnet-gate-"));
    const few = join(folder, "expectations.json");
    writeFileSync(few, JSON.stringify({ ...expectations, cases: expectations.cases.slice(0, 2) }));
    const gate = ["--import", "tsx", "scripts/test-engine.ts", "--expectations", few];
    const options = ["--only", "golden,stops", "--stops", "3", "--engine", engine];
    const run = spawnSync(process.execPath, [...gate, ...options], { cwd: root, encoding: "utf8" });
    rmSync(folder, { recursive: true });

    expect(run.status).toBe(status);
    for (const output of outputs) expect(run.stdout + run.stderr).toContain(output);
  });
});
