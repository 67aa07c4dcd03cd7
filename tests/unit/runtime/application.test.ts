import { join } from "node:path";
import { initialize } from "../../../runtime/application.ts";
import { engineNames } from "../../../runtime/engine/engines.ts";
import { fakeVariables, openApplication } from "../../helpers/fakes/fake-application.ts";
import { scriptedEngine } from "../../helpers/fakes/scripted-engine.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const folder = temporaryFolder();

/** Invokes an application of its own; what it logs. */
async function logOf(variables: Record<string, string>, event: object) {
  const { application, context, lines } = openApplication(variables);
  const { statusCode } = await application.invokeDirectly(event, context);
  return { statusCode, lines };
}

describe.each(engineNames)("the application's log, with %s", (engine) => {
  const messages = [{ role: "user", content: "My password is hunter2" }];
  const grammar = 'root ::= "never tell this"';

  it.each([
    ["failed", "tells-prompt", { messages, grammar }, 500],
    ["was answered", "tells-prompt-and-answers", { messages, grammar }, 200],
    ["was invalid", "tells-prompt", { messages, grammar, "hunter2 again": 1 }, 400],
  ])("holds nothing of a request that %s", async (_name, scenario, event, status) => {
    const { statusCode, lines } = await logOf(fakeVariables(engine, join(folder, scenario)), event);

    expect(statusCode).toBe(status);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|password|never tell|yes|User:/);
  });

  it("has kind and signal of a crash after the prompt, and none of the engine's words", async () => {
    const { lines } = await logOf(fakeVariables(engine, join(folder, "tells-prompt")), {
      messages,
    });

    expect(lines).toEqual([
      {
        timestamp: expect.any(String),
        level: "error",
        event: "request_failed",
        request_id: "id-1",
        status: 500,
        kind: "engine-failed",
        message: "the engine crashed (signal SIGSEGV)",
        exit_code: null,
        signal: "SIGSEGV",
      },
    ]);
  });

  it("has the engine's words where it could not load the model", async () => {
    const { statusCode, lines } = await logOf(fakeVariables(engine, join(folder, "load-error")), {
      messages,
    });

    expect(statusCode).toBe(503);
    expect(lines[0]).toMatchObject({
      kind: "model-invalid",
      stderr_tail: expect.stringContaining("tensor data is not within bounds"),
    });
  });
});

it("the application's log names the variable of an engine that is not there", async () => {
  const nowhere = { BITNET_LLAMA_CLI: "/no such folder/llama-cli" };
  const { statusCode, lines } = await logOf(nowhere, { prompt: "Hi" });

  expect(statusCode).toBe(503);
  expect(lines[0]).toMatchObject({
    message: expect.stringContaining("BITNET_LLAMA_CLI"),
    cause: "Error spawn ENOENT",
  });
});

describe("initialize", () => {
  it.each([
    [undefined, true],
    ["on-demand", true],
    ["snap-start", false],
    ["provisioned-concurrency", false],
  ])("of %s begins to read the model and returns at once: %s", async (type, isAtOnce) => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const readIntoPageCache = jest.fn(() => finished.then(() => 1));
    let isDone = false;

    const config = { modelPath: "/model", initializationType: type };
    const engine = { settled: () => finished };
    const initialized = initialize(config, engine, readIntoPageCache).then(() => {
      isDone = true;
    });
    await new Promise(setImmediate);
    const wasDone = isDone;
    finish();
    await initialized;

    expect(wasDone).toBe(isAtOnce);
    expect(readIntoPageCache.mock.calls).toEqual([["/model"]]);
  });

  it("leaves a model that cannot be read to the first request", async () => {
    const config = { modelPath: "/no such model", initializationType: "snap-start" };

    const initialized = initialize(config, scriptedEngine());

    await expect(initialized).resolves.toBeUndefined();
  });
});
