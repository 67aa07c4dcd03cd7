import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedBehind } from "../helpers/closed-behind.ts";
import { type EngineName, engineNames } from "../helpers/fakes/planned-engine.ts";
import {
  type HandlerHost,
  type HandlerHostSetup,
  startHandlerHost,
} from "../helpers/handler-host.ts";
import { serveApplication } from "../helpers/http-server.ts";
import { processesWith, waitUntil } from "../helpers/processes.ts";
import { recordedFolder } from "../helpers/recorded.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
import { outcomeOf, streamAnswer, type WholeAnswer } from "../helpers/served-answer.ts";
import { itSurvives, slowest, tally } from "./helpers/fault.ts";

// The reference engines read the model whole when they start. One that maps it, as the compiled
// engine does, gets SIGBUS for a page that is gone: those rows are among the signals.

let folder: string;
let modelPath: string;
const opened = closedBehind();
let host: HandlerHost;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitnet-model-file-"));
  // Whoever runs the handler may pass.
  chmodSync(folder, 0o755);
  modelPath = join(folder, "model.gguf");
  restore();
});
afterEach(async () => {
  await waitUntil(() => processesWith(modelPath).length === 0);
  rmSync(folder, { recursive: true, force: true });
});

function restore(): void {
  rmSync(modelPath, { recursive: true, force: true });
  copyFileSync(goldenModel, modelPath);
  chmodSync(modelPath, 0o644);
}

/** Ways to spoil the model's file, and the error that a start with it must bring. */
const spoiled = [
  { what: "removed", code: "model-missing", spoil: () => rmSync(modelPath) },
  {
    what: "cut to its first half",
    code: "model-invalid",
    spoil: () => truncateSync(modelPath, 500_000),
  },
  { what: "emptied", code: "model-invalid", spoil: () => truncateSync(modelPath, 0) },
  {
    what: "replaced by a file that is no model",
    code: "model-invalid",
    spoil: () => writeFileSync(modelPath, "no model ".repeat(1000)),
  },
  {
    what: "replaced by a folder",
    code: "model-missing",
    spoil() {
      rmSync(modelPath);
      mkdirSync(modelPath);
    },
  },
] as const;

const question = { prompt: "User: Hello<|eot_id|>Assistant: ", n_predict: 8, temperature: 0 };

async function start(engine: EngineName, setup: Partial<HandlerHostSetup> = {}): Promise<void> {
  host = opened(
    await startHandlerHost({
      ...setup,
      variables: { ...variablesOf(engine), ...setup.variables },
    }),
  );
}

function variablesOf(engine: EngineName): Record<string, string> {
  return {
    BITNET_ENGINE: engine,
    BITNET_LLAMA_CLI: referenceLlamaCli,
    BITNET_LLAMA_SERVER: referenceLlamaServer,
    BITNET_MODEL: modelPath,
  };
}

async function askWell(): Promise<WholeAnswer> {
  const answer = await host.ask(question);
  expect(answer).toMatchObject({ status: 200, code: undefined });
  return answer;
}

/** Kills the resident engine, where there is one: then the next request has it started again. */
async function endEngine(): Promise<void> {
  for (const pid of processesWith(modelPath)) process.kill(pid, "SIGKILL");
  await waitUntil(() => processesWith(modelPath).length === 0);
}

describe.each(engineNames)("the model's file, with %s", (engine) => {
  for (const { what, code, spoil } of spoiled) {
    itSurvives({
      fault: `${what} between two requests`,
      must:
        engine === "llama-cli"
          ? `503 ${code}; with the file back the next request works`
          : `the resident engine answers as before; once it has to start again 503 ${code}; with the file back the next request works`,
      async run() {
        await start(engine);
        const before = await askWell();
        spoil();
        const resident = engine === "llama-server" ? [await askWell()] : [];
        await endEngine();

        const spoilt = await host.ask(question);

        expect(spoilt).toMatchObject({ status: 503, code });
        restore();
        const after = await askWell();
        expect([...resident, after].map(({ content }) => content)).toEqual(
          [...resident, after].map(() => before.content),
        );
        return {
          happened: `${tally([...resident, spoilt].map(outcomeOf))}; next: ${outcomeOf(after)}, the same text`,
          figures: { "told after": slowest([spoilt]) },
        };
      },
    });
  }

  itSurvives({
    fault: "cut, then removed, in the middle of a streamed answer",
    must: "the whole answer, as the reference engine has read it",
    async run() {
      const { url } = opened(await serveApplication(variablesOf(engine)));
      const settings = { max_tokens: 100, temperature: 0 };
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
      return { happened: outcomeOf(answer), figures: { pieces } };
    },
  });

  itSurvives({
    fault: "replaced by another model (renamed into its place)",
    must: "each answer whole, of the one or the other; never a mixture",
    async run() {
      await start(engine);
      const before = await askWell();
      copyFileSync(join(recordedFolder, "random-tiny.gguf"), `${modelPath}.new`);
      renameSync(`${modelPath}.new`, modelPath);
      const resident = await askWell();
      await endEngine();

      const after = await askWell();

      expect(after.content).not.toBe(before.content);
      expect(resident.content).toBe((engine === "llama-cli" ? after : before).content);
      return {
        happened: `${tally([before, resident, after].map(outcomeOf))}; ${engine === "llama-cli" ? "the new model at once" : "the old model until the engine starts again"}`,
      };
    },
  });
});

/** Runs a program as a user who may read little, where this process is one who may do anything. */
const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const isRoot = process.getuid?.() === 0;

describe.each(engineNames)("the model's file, with %s", (engine) => {
  itSurvives({
    fault: "made unreadable (mode 000, the handler not root)",
    must: "503 model-missing; with the right back the next request works",
    notHere: unreadableObstacle(),
    async run() {
      const copies = copyPrograms();
      await start(engine, {
        ...(isRoot && { wrapper: asNobody }),
        bundle: join(copies, "handler/handler.mjs"),
        program: join(copies, "handler-host.mjs"),
        variables: {
          BITNET_LLAMA_CLI: join(copies, "reference/llama-cli.mjs"),
          BITNET_LLAMA_SERVER: join(copies, "reference/llama-server.mjs"),
        },
      });
      await askWell();
      await endEngine();
      chmodSync(modelPath, 0o000);

      const unreadable = await host.ask(question);

      expect(unreadable).toMatchObject({ status: 503, code: "model-missing" });
      chmodSync(modelPath, 0o644);
      return { happened: `${outcomeOf(unreadable)}; next: ${outcomeOf(await askWell())}` };
    },
  });
});

function unreadableObstacle(): string | undefined {
  if (!isRoot) return undefined;
  const [file = "", ...args] = [...asNobody, process.execPath, "--version"];
  const isTried = spawnSync(file, args).status === 0;
  return isTried
    ? undefined
    : "root may read everything, and setpriv is not here to be someone else";
}

/** The programs where everybody may read them: the checkout may be in a private folder. */
function copyPrograms(): string {
  const copies = join(folder, "programs");
  cpSync("dist", copies, { recursive: true });
  for (const name of ["handler-host.mjs", "host-actions.mjs"]) {
    copyFileSync(join("tests/fixtures", name), join(copies, name));
  }
  spawnSync("chmod", ["-R", "a+rX", copies]);
  return copies;
}
