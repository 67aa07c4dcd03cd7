import { copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HandlerHost, startHandlerHost } from "../helpers/handler-host.ts";
import { serveApplication } from "../helpers/http-server.ts";
import { processesWith, waitUntil } from "../helpers/processes.ts";
import { recordedFolder } from "../helpers/recorded.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { type EngineName, engineNames } from "./helpers/faulty.ts";
import { opened } from "./helpers/opened.ts";
import { streamAnswer } from "./helpers/served-answer.ts";

// The reference engines read the model whole when they start. A compiled engine maps it and gets
// SIGBUS for a page that is gone: engine-killed.faults.ts covers the signals.

const modelPath = join(temporaryFolder(), "model.gguf");
const engineGone = () => waitUntil(() => processesWith(modelPath).length === 0);
beforeEach(restore);
afterEach(engineGone);

function restore(): void {
  rmSync(modelPath, { recursive: true, force: true });
  copyFileSync(goldenModel, modelPath);
}

function replaceByFolder(): void {
  rmSync(modelPath);
  mkdirSync(modelPath);
}

/** Ways to spoil the model's file, and the error of a start with it. */
const spoiled = [
  ["is removed", "model-missing", () => rmSync(modelPath)],
  ["is cut in half", "model-invalid", () => truncateSync(modelPath, 500_000)],
  ["is emptied", "model-invalid", () => truncateSync(modelPath, 0)],
  ["is no model", "model-invalid", () => writeFileSync(modelPath, "no model ".repeat(1000))],
  ["is a folder", "model-missing", replaceByFolder],
] as const;

const question = { prompt: "User: Hello<|eot_id|>Assistant: ", n_predict: 8, temperature: 0 };

function variablesOf(engine: EngineName): Record<string, string> {
  return {
    BITNET_ENGINE: engine,
    BITNET_LLAMA_CLI: referenceLlamaCli,
    BITNET_LLAMA_SERVER: referenceLlamaServer,
    BITNET_MODEL: modelPath,
  };
}

async function start(engine: EngineName): Promise<HandlerHost> {
  return opened(await startHandlerHost({ variables: variablesOf(engine) }));
}

/** Asks and fails unless there is an answer. */
async function textOf(host: HandlerHost): Promise<string | undefined> {
  const answer = await host.ask(question);
  expect(answer).toMatchObject({ status: 200, code: undefined });
  return answer.content;
}

/** Kills the resident engine, where there is one: the next request starts it again. */
async function endEngine(): Promise<void> {
  for (const pid of processesWith(modelPath)) process.kill(pid, "SIGKILL");
  await engineGone();
}

describe.each(engineNames)("%s, when the model's file", (engine) => {
  it.each(spoiled)(
    "%s, fails at its next start with %s until the file is back",
    async (_how, code, spoil) => {
      const host = await start(engine);
      const before = await textOf(host);
      spoil();
      if (engine === "llama-server") expect(await textOf(host)).toBe(before);
      await endEngine();

      const answer = await host.ask(question);

      expect(answer).toMatchObject({ status: 503, code });
      restore();
      expect(await textOf(host)).toBe(before);
    },
  );

  it("is cut and removed during a stream, ends the answer as before", async () => {
    const { url } = opened(await serveApplication(variablesOf(engine)));
    const settings = { max_tokens: 200, ignore_eos: true, temperature: 0 };
    const before = await streamAnswer(url, { settings });
    let pieces = 0;
    const onPiece = () => {
      if (pieces++ > 0) return;
      truncateSync(modelPath, 1000);
      rmSync(modelPath);
    };

    const answer = await streamAnswer(url, { settings, onPiece });

    expect(pieces).toBeGreaterThan(3);
    expect(answer).toMatchObject({ content: before.content, isDone: true, errors: 0 });
  });

  it("is replaced by another model, answers by one of the two at a time", async () => {
    const host = await start(engine);
    const before = await textOf(host);
    copyFileSync(join(recordedFolder, "random-tiny.gguf"), `${modelPath}.new`);
    renameSync(`${modelPath}.new`, modelPath);
    const resident = await textOf(host);
    await endEngine();

    const after = await textOf(host);

    expect(after).not.toBe(before);
    expect(resident).toBe(engine === "llama-cli" ? after : before);
  });
});
