import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../runtime/config.ts";
import { fakeLlamaCli } from "./fake-llama-cli.ts";
import { fakeLlamaServer } from "./fake-llama-server.ts";
import { serveApplication } from "./http-server.ts";
import { processesWith, waitUntil } from "./processes.ts";
import { askWhole, type StreamedAnswer, streamAnswer, type WholeAnswer } from "./served-answer.ts";

export type EngineName = Config["engine"];

/** Both engines, as rows of a table. */
export const engineNames = ["llama-cli", "llama-server"] as const satisfies readonly EngineName[];

/** Where a fake engine's fault happens; `tokenize` is llama-server's alone. */
export type Stage = "start" | "load" | "tokenize" | "prompt" | "answer" | "exit";

/** A fault of a fake engine: `tests/fixtures/planned-fault.mjs`. */
export interface Plan {
  readonly stage: Stage;
  /** A signal that the engine gets, by name or number, or one of the faults with a name. */
  readonly fault: string | number;
  /** Only the first time. */
  readonly isOnce?: boolean;
}

/** What the fake engines answer when nothing is wrong. */
export const wholeText = {
  "llama-cli": "wörd0 wörd1 wörd2",
  "llama-server": "wörd0 wörd1 wörd2 wörd3 wörd4 ",
} as const satisfies Record<EngineName, string>;

/** How the application is set up. */
export interface FaultySetup {
  readonly engine: EngineName;
  readonly variables?: Readonly<Record<string, string>>;
  /** Time that a request may take, in milliseconds. */
  readonly limitMs?: number;
  /** The plan at the start, when the resident engine loads already. */
  readonly plan?: Plan;
}

/** The whole application on a fake engine whose faults are planned. */
export interface FaultyApplication {
  readonly url: string;
  readonly modelPath: string;
  /** What goes wrong from now on; nothing without a plan. */
  plan(plan?: Plan): void;
  ask(signal?: AbortSignal): Promise<WholeAnswer>;
  stream(signal?: AbortSignal): Promise<StreamedAnswer>;
  /** Asks with nothing planned any more; fails, naming the context, unless all is well. */
  askFaultless(context: unknown): Promise<WholeAnswer>;
  /** Processes of this application's engine that run. */
  enginePids(): number[];
  /** Waits until none does. */
  engineGone(limitMs?: number): Promise<void>;
  /** The resident engine's process id, once it has loaded. */
  residentPid(): Promise<number>;
  /** Kills the resident engine, if there is one, and waits until the application knows. */
  endResident(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it; to be closed, which fails when a process is left. */
export async function startFaultyApplication(setup: FaultySetup): Promise<FaultyApplication> {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-fault-"));
  const modelPath = join(folder, "planned");
  // In one step: an engine that is just starting reads it.
  const plan = (planned?: Plan) => {
    writeFileSync(`${modelPath}.new`, JSON.stringify(planned ?? {}));
    renameSync(`${modelPath}.new`, modelPath);
  };
  plan(setup.plan);
  const served = await serveApplication(
    {
      BITNET_ENGINE: setup.engine,
      BITNET_LLAMA_CLI: fakeLlamaCli,
      BITNET_LLAMA_SERVER: fakeLlamaServer,
      BITNET_MODEL: modelPath,
      BITNET_KILL_DELAY_MS: "100",
      BITNET_DEADLINE_RESERVE_MS: "200",
      ...setup.variables,
    },
    setup.limitMs,
  );
  const ask = (signal?: AbortSignal) => askWhole(served.url, signal);
  const isHealthy = async () => (await fetch(new URL("/health", served.url))).status === 200;
  const enginePids = () => processesWith(modelPath);
  const engineGone = (limitMs?: number) => waitUntil(() => enginePids().length === 0, limitMs);
  return {
    url: served.url,
    modelPath,
    plan,
    ask,
    stream: (signal) => streamAnswer(served.url, signal),
    enginePids,
    engineGone,
    async askFaultless(context) {
      plan();
      const answer = await ask();
      const { status, content } = answer;
      const text = wholeText[setup.engine];
      expect({ context, status, content }).toEqual({ context, status: 200, content: text });
      return answer;
    },
    async residentPid() {
      await waitUntil(isHealthy);
      return enginePids()[0] ?? Number.NaN;
    },
    async endResident() {
      if (setup.engine !== "llama-server") return;
      await waitUntil(isHealthy);
      for (const pid of enginePids()) process.kill(pid, "SIGKILL");
      await waitUntil(async () => !(await isHealthy()));
    },
    async close() {
      await served.close();
      await engineGone();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
