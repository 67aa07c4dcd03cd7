import { join } from "node:path";
import { createApplication, initialize } from "../../../runtime/application.ts";
import { fakeLlamaCli } from "../../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../../helpers/fakes/fake-llama-server.ts";
import { scriptedEngine } from "../../helpers/fakes/scripted-engine.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const engineNames = ["llama-cli", "llama-server"] as const;

/** Invokes an application of its own on a fake engine; what it logs. */
async function logOf(engine: (typeof engineNames)[number], scenario: string, event: object) {
  const lines: string[] = [];
  const write = jest.spyOn(process.stderr, "write").mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  const application = createApplication({
    PATH: process.env.PATH,
    BITNET_ENGINE: engine,
    BITNET_LLAMA_CLI: fakeLlamaCli,
    BITNET_LLAMA_SERVER: fakeLlamaServer,
    BITNET_MODEL: join(folder, scenario),
  });
  const context = { awsRequestId: "id-1", getRemainingTimeInMillis: () => 60_000 };
  const { statusCode } = await application.invokeDirectly(event, context);
  await application.engine.stop();
  write.mockRestore();
  return { statusCode, lines: lines.map((line) => JSON.parse(line)) };
}

describe.each(engineNames)("the application's log, with %s", (engine) => {
  const messages = [{ role: "user", content: "My password is hunter2" }];
  const grammar = 'root ::= "never tell this"';

  it.each([
    ["failed", "tells-prompt", { messages, grammar }, 500],
    ["was answered", "tells-prompt-and-answers", { messages, grammar }, 200],
    ["was invalid", "tells-prompt", { messages, grammar, "hunter2 again": 1 }, 400],
  ])("holds nothing of a request that %s", async (_name, scenario, event, status) => {
    const { statusCode, lines } = await logOf(engine, scenario, event);

    expect(statusCode).toBe(status);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|password|never tell|yes|User:/);
  });

  it("has kind and signal of a crash after the prompt, and none of the engine's words", async () => {
    const { lines } = await logOf(engine, "tells-prompt", { messages });

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
    const { statusCode, lines } = await logOf(engine, "load-error", { messages });

    expect(statusCode).toBe(503);
    expect(lines[0]).toMatchObject({
      kind: "model-invalid",
      stderr_tail: expect.stringContaining("tensor data is not within bounds"),
    });
  });
});

it("the application's log names the variable of an engine that is not there", async () => {
  const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const { invokeDirectly } = createApplication({ BITNET_LLAMA_CLI: "/no such folder/llama-cli" });

  const context = { awsRequestId: "id-1", getRemainingTimeInMillis: () => 60_000 };
  const { statusCode } = await invokeDirectly({ prompt: "Hi" }, context);
  const line = JSON.parse(String(write.mock.calls[0]?.[0]));
  write.mockRestore();

  expect(statusCode).toBe(503);
  expect(line.message).toContain("BITNET_LLAMA_CLI");
  expect(line.cause).toBe("Error spawn ENOENT");
});

/** Dependencies whose engine and file are ready when the test says so. */
function slowDependencies(initializationType: string | undefined) {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const read: string[] = [];
  return {
    read,
    finish,
    dependencies: {
      config: { modelPath: "/model", initializationType },
      engine: { ...scriptedEngine(), settled: () => finished },
      readIntoPageCache: async (path: string) => {
        read.push(path);
        await finished;
        return 1;
      },
    },
  };
}

describe("initialize", () => {
  it.each([undefined, "on-demand"])("waits for nothing when it is %s", async (type) => {
    const { dependencies, read } = slowDependencies(type);

    await initialize(dependencies);

    expect(read).toEqual(["/model"]);
  });

  it.each(["snap-start", "provisioned-concurrency"])(
    "waits for engine and page cache under %s",
    async (type) => {
      const { dependencies, finish } = slowDependencies(type);
      let isDone = false;
      const initialized = initialize(dependencies).then(() => {
        isDone = true;
      });

      await new Promise(setImmediate);
      const wasDone = isDone;
      finish();
      await initialized;

      expect(wasDone).toBe(false);
    },
  );

  it("leaves a model that cannot be read to the first request", async () => {
    const { dependencies, finish } = slowDependencies("snap-start");
    finish();
    const readIntoPageCache = () => Promise.reject(new Error("ENOENT"));

    await expect(initialize({ ...dependencies, readIntoPageCache })).resolves.toBeUndefined();
  });
});
