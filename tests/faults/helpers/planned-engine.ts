import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../../runtime/config.ts";
import { fakeLlamaCli } from "../../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../../helpers/fakes/fake-llama-server.ts";
import type { WholeAnswer } from "../../helpers/handler-host.ts";
import { isAlive, processesWith, waitUntil } from "../../helpers/processes.ts";

export type EngineName = Config["engine"];

/** Both engines, as rows of a table. */
export const engineNames = ["llama-cli", "llama-server"] as const satisfies readonly EngineName[];

/** Where a fake engine's fault happens. */
export type Stage = "start" | "load" | "tokenize" | "prompt" | "answer" | "exit";

/** The stages of each engine, in order. */
export const stagesOf: Readonly<Record<EngineName, readonly Stage[]>> = {
  "llama-cli": ["start", "load", "prompt", "answer", "exit"],
  "llama-server": ["start", "load", "tokenize", "prompt", "answer", "exit"],
};

/** The stages that an engine passes for each request. */
export const requestStagesOf: Readonly<Record<EngineName, readonly Stage[]>> = {
  "llama-cli": stagesOf["llama-cli"],
  "llama-server": ["tokenize", "prompt", "answer"],
};

/** A fault of a fake engine: `tests/fixtures/planned-fault.mjs`. */
export interface Plan {
  readonly stage: Stage;
  /** A signal that the engine gets, by name or number, or one of the faults with a name. */
  readonly fault: string | number;
  /** Only the first time. */
  readonly isOnce?: boolean;
}

/** What the fake engines answer without a fault. */
export const wholeText = {
  "llama-cli": "wörd0 wörd1 wörd2",
  "llama-server": "wörd0 wörd1 wörd2 wörd3 wörd4 ",
} as const satisfies Record<EngineName, string>;

/** A fake engine whose faults are planned, and a look at its processes. */
export class PlannedEngine {
  readonly name: EngineName;
  readonly #modelPath = join(mkdtempSync(join(tmpdir(), "bitnet-fault-")), "planned");
  readonly #notePath = `${this.#modelPath}.note`;

  /** @param first the plan from the start on, when a resident engine already loads */
  constructor(name: EngineName, first?: Plan) {
    this.name = name;
    this.plan(first);
  }

  /** The runtime's settings that choose this engine. */
  get variables(): Record<string, string> {
    return {
      BITNET_ENGINE: this.name,
      BITNET_LLAMA_CLI: fakeLlamaCli,
      BITNET_LLAMA_SERVER: fakeLlamaServer,
      BITNET_MODEL: this.#modelPath,
      // So small that llama-server must count the tokens of every prompt.
      BITNET_CONTEXT_TOKENS: "64",
      BITNET_KILL_DELAY_MS: "100",
      BITNET_DEADLINE_RESERVE_MS: "200",
    };
  }

  /** Sets the fault from now on; without a plan there is none. */
  plan(planned?: Plan): void {
    rmSync(this.#notePath, { force: true });
    // In one step: an engine that is just starting reads it.
    writeFileSync(`${this.#modelPath}.new`, JSON.stringify(planned ?? {}));
    renameSync(`${this.#modelPath}.new`, this.#modelPath);
  }

  /** Waits until an engine has reached the planned fault. */
  faultReached(): Promise<void> {
    return waitUntil(() => existsSync(this.#notePath));
  }

  /** The running processes of this engine. */
  pids(): number[] {
    return processesWith(this.#modelPath);
  }

  /** Waits until no process of this engine runs, or the one named does not. */
  gone(pid?: number): Promise<void> {
    return waitUntil(() => (pid === undefined ? this.pids().length === 0 : !isAlive(pid)));
  }

  /** Fails, naming the context, unless an answer is the fake engine's whole text. */
  expectWhole({ status, content }: WholeAnswer, context: unknown): void {
    const whole = { context, status: 200, content: wholeText[this.name] };
    expect({ context, status, content }).toEqual(whole);
  }

  /** Waits until its processes are gone, and removes its files. */
  async close(): Promise<void> {
    await this.gone();
    rmSync(join(this.#modelPath, ".."), { recursive: true, force: true });
  }
}
