import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../../runtime/config.ts";
import { isAlive, processesWith, waitUntil } from "../processes.ts";
import type { WholeAnswer } from "../served-answer.ts";
import { fakeLlamaCli } from "./fake-llama-cli.ts";
import { fakeLlamaServer } from "./fake-llama-server.ts";

export type EngineName = Config["engine"];

/** Both engines, as rows of a table. */
export const engineNames = ["llama-cli", "llama-server"] as const satisfies readonly EngineName[];

/** Where a fake engine's fault happens; `tokenize` is llama-server's alone. */
export type Stage = "start" | "load" | "tokenize" | "prompt" | "answer" | "exit";

/** The stages in words. */
export const stageWords = {
  start: "at its start",
  load: "while it loads",
  tokenize: "while it counts tokens",
  prompt: "while it reads the prompt",
  answer: "in the middle of its answer",
  exit: "behind its last token",
} as const satisfies Record<Stage, string>;

/** The stages of each engine, in order. */
export const stagesOf = {
  "llama-cli": ["start", "load", "prompt", "answer", "exit"],
  "llama-server": ["start", "load", "tokenize", "prompt", "answer", "exit"],
} as const satisfies Record<EngineName, readonly Stage[]>;

/** The stages that an engine goes through for each request. */
export const requestStagesOf = {
  "llama-cli": stagesOf["llama-cli"],
  "llama-server": ["tokenize", "prompt", "answer"],
} as const satisfies Record<EngineName, readonly Stage[]>;

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

/** A fake engine whose faults are planned, and a look at its processes. */
export interface PlannedEngine {
  readonly engine: EngineName;
  /** What the runtime must be told to run it. */
  readonly variables: Readonly<Record<string, string>>;
  /** What goes wrong from now on; nothing without a plan. */
  plan(plan?: Plan): void;
  /** Waits until an engine has come to what is planned. */
  faultReached(): Promise<void>;
  /** Processes of this engine that run. */
  enginePids(): number[];
  /** Waits until one runs. */
  started(): Promise<number[]>;
  /** Waits until none does, or the one named does not. */
  engineGone(pid?: number): Promise<void>;
  /** Removes what it was planned by. */
  remove(): void;
}

/** A fake engine, with its plan at the start, when a resident one loads already. */
export function createPlannedEngine(engine: EngineName, first?: Plan): PlannedEngine {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-fault-"));
  const modelPath = join(folder, "planned");
  const notePath = `${modelPath}.note`;
  const plan = (planned?: Plan) => {
    rmSync(notePath, { force: true });
    // In one step: an engine that is just starting reads it.
    writeFileSync(`${modelPath}.new`, JSON.stringify(planned ?? {}));
    renameSync(`${modelPath}.new`, modelPath);
  };
  plan(first);
  const enginePids = () => processesWith(modelPath);
  return {
    engine,
    variables: {
      BITNET_ENGINE: engine,
      BITNET_LLAMA_CLI: fakeLlamaCli,
      BITNET_LLAMA_SERVER: fakeLlamaServer,
      BITNET_MODEL: modelPath,
      BITNET_KILL_DELAY_MS: "100",
      BITNET_DEADLINE_RESERVE_MS: "200",
    },
    plan,
    faultReached: () => waitUntil(() => existsSync(notePath)),
    enginePids,
    async started() {
      await waitUntil(() => enginePids().length > 0);
      return enginePids();
    },
    engineGone: (pid) =>
      waitUntil(() => (pid === undefined ? enginePids().length === 0 : !isAlive(pid))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Fails, naming the context, unless an answer is all that the fake says. */
export function expectWhole(engine: EngineName, answer: WholeAnswer, context: unknown): void {
  const { status, content } = answer;
  expect({ context, status, content }).toEqual({
    context,
    status: 200,
    content: wholeText[engine],
  });
}
