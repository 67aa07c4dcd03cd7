import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Config } from "../../../runtime/config.ts";
import { fakeLlamaCli } from "../../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../../helpers/fakes/fake-llama-server.ts";
import { HandlerHost, type WholeAnswer } from "../../helpers/handler-host.ts";
import type { HostSetup } from "../../helpers/host-process.ts";
import { serveApplication } from "../../helpers/http-server.ts";
import { isAlive, processesWith, waitUntil } from "../../helpers/processes.ts";
import { opened } from "./opened.ts";
import { askWhole, type StreamedAnswer, streamAnswer } from "./served-answer.ts";

export type EngineName = Config["engine"];

/** Both engines, as rows of a table. */
export const engineNames = ["llama-cli", "llama-server"] as const satisfies readonly EngineName[];

/** Where a fake engine's fault happens. */
export type Stage = "start" | "load" | "tokenize" | "prompt" | "answer" | "exit";

type Stages = Readonly<Record<EngineName, readonly Stage[]>>;

/** The stages of each engine, in order. */
export const stagesOf: Stages = {
  "llama-cli": ["start", "load", "prompt", "answer", "exit"],
  "llama-server": ["start", "load", "tokenize", "prompt", "answer", "exit"],
};

/** The stages that an engine passes for each request. */
export const requestStagesOf: Stages = {
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

/** A part of the runtime on a fake engine whose faults are planned, and a look at its processes. */
abstract class Faulty {
  readonly name: EngineName;
  readonly #model = join(mkdtempSync(join(tmpdir(), "bitnet-fault-")), "planned");

  /** @param first the plan from the start on, when a resident engine already loads */
  constructor(name: EngineName, first?: Plan) {
    this.name = name;
    this.plan(first);
  }

  abstract ask(): Promise<WholeAnswer>;

  /** The runtime's settings that choose this engine. */
  protected get variables(): Record<string, string> {
    return {
      BITNET_ENGINE: this.name,
      BITNET_LLAMA_CLI: fakeLlamaCli,
      BITNET_LLAMA_SERVER: fakeLlamaServer,
      BITNET_MODEL: this.#model,
      // So small that llama-server must count the tokens of every prompt.
      BITNET_CONTEXT_TOKENS: "64",
      BITNET_KILL_DELAY_MS: "100",
      BITNET_DEADLINE_RESERVE_MS: "200",
    };
  }

  /** Sets the fault from now on; without a plan there is none. */
  plan(planned?: Plan): void {
    rmSync(`${this.#model}.note`, { force: true });
    // In one step: an engine that is just starting reads it.
    writeFileSync(`${this.#model}.new`, JSON.stringify(planned ?? {}));
    renameSync(`${this.#model}.new`, this.#model);
  }

  /** Waits until an engine has reached the planned fault. */
  faultReached(): Promise<void> {
    return waitUntil(() => existsSync(`${this.#model}.note`));
  }

  /** The running processes of this engine. */
  pids(): number[] {
    return processesWith(this.#model);
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

  /** Asks with nothing planned any more; fails, naming the context, unless the answer is whole. */
  async askFaultless(context: unknown): Promise<void> {
    this.plan();
    this.expectWhole(await this.ask(), context);
  }

  /** Waits until its processes are gone, and removes its files. */
  async close(): Promise<void> {
    await this.gone();
    rmSync(dirname(this.#model), { recursive: true, force: true });
  }
}

/** Settings of an application and its engine. */
interface ApplicationSetup {
  readonly variables?: Readonly<Record<string, string>>;
  /** Time that a request may take, in milliseconds. */
  readonly limitMs?: number;
  /** The plan from the start on. */
  readonly plan?: Plan;
}

/** The whole application behind HTTP in this process. */
export class FaultyApplication extends Faulty {
  #url = "";

  /** Starts it until the test's end; fails then when a process is left. */
  static async start(name: EngineName, setup: ApplicationSetup = {}): Promise<FaultyApplication> {
    const application = opened(new FaultyApplication(name, setup.plan));
    const variables = { ...application.variables, ...setup.variables };
    application.#url = opened(await serveApplication(variables, setup.limitMs)).url;
    return application;
  }

  ask(signal?: AbortSignal): Promise<WholeAnswer> {
    return askWhole(this.#url, signal);
  }

  stream(signal?: AbortSignal): Promise<StreamedAnswer> {
    return streamAnswer(this.#url, { signal });
  }

  /** The resident engine's process id, once it has loaded; none of llama-cli. */
  async residentPid(): Promise<number | undefined> {
    if (this.name === "llama-cli") return undefined;
    await waitUntil(() => this.#isHealthy());
    return this.pids()[0];
  }

  /** Kills the resident engine, if there is one, and waits until the application has noticed. */
  async endResident(): Promise<void> {
    const pid = await this.residentPid();
    if (pid === undefined) return;
    process.kill(pid, "SIGKILL");
    await waitUntil(async () => !(await this.#isHealthy()));
  }

  async #isHealthy(): Promise<boolean> {
    return (await fetch(new URL("/health", this.#url))).status === 200;
  }
}

/** Settings of a handler's process and its engine. */
export interface FaultyHostSetup extends Partial<HostSetup> {
  /** The plan from the start on. */
  readonly plan?: Plan;
}

/** The bundled handler in a process of its own. */
export class FaultyHost extends Faulty {
  readonly host: HandlerHost;

  private constructor(name: EngineName, { plan, variables, ...setup }: FaultyHostSetup) {
    super(name, plan);
    this.host = new HandlerHost({ ...setup, variables: { ...this.variables, ...variables } });
  }

  /** Starts it until the test's end; fails then when a process is left. */
  static async start(name: EngineName, setup: FaultyHostSetup = {}): Promise<FaultyHost> {
    const faulty = opened(new FaultyHost(name, setup));
    await faulty.host.ready;
    return faulty;
  }

  ask(event?: object, limitMs?: number): Promise<WholeAnswer> {
    return this.host.ask(event, limitMs);
  }

  override async close(): Promise<void> {
    await this.host.close();
    await super.close();
  }
}
