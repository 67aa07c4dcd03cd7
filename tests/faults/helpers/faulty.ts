import {
  type HandlerHost,
  startHandlerHost,
  type WholeAnswer,
} from "../../helpers/handler-host.ts";
import type { HostSetup } from "../../helpers/host-process.ts";
import { type RunningServer, serveApplication } from "../../helpers/http-server.ts";
import { waitUntil } from "../../helpers/processes.ts";
import { opened } from "./opened.ts";
import { type EngineName, type Plan, PlannedEngine } from "./planned-engine.ts";
import { askWhole, type StreamedAnswer, streamAnswer } from "./served-answer.ts";

/** Settings of an application and its engine. */
interface FaultySetup {
  readonly variables?: Readonly<Record<string, string>>;
  /** Time that a request may take, in milliseconds. */
  readonly limitMs?: number;
  /** The plan from the start on. */
  readonly plan?: Plan;
}

/** The whole application behind HTTP in this process, on a fake engine whose faults are planned. */
export class FaultyApplication {
  readonly engine: PlannedEngine;
  readonly #server: RunningServer;

  private constructor(engine: PlannedEngine, server: RunningServer) {
    this.engine = engine;
    this.#server = server;
  }

  /** Starts it until the test's end; fails then when a process is left. */
  static async start(name: EngineName, setup: FaultySetup = {}): Promise<FaultyApplication> {
    const engine = opened(new PlannedEngine(name, setup.plan));
    const variables = { ...engine.variables, ...setup.variables };
    const server = opened(await serveApplication(variables, setup.limitMs));
    return new FaultyApplication(engine, server);
  }

  ask(signal?: AbortSignal): Promise<WholeAnswer> {
    return askWhole(this.#server.url, signal);
  }

  stream(signal?: AbortSignal): Promise<StreamedAnswer> {
    return streamAnswer(this.#server.url, { signal });
  }

  /** Asks with nothing planned any more; fails, naming the context, unless the answer is whole. */
  async askFaultless(context: unknown): Promise<void> {
    this.engine.plan();
    this.engine.expectWhole(await this.ask(), context);
  }

  /** The resident engine's process id, once it has loaded; none of llama-cli. */
  async residentPid(): Promise<number | undefined> {
    if (this.engine.name === "llama-cli") return undefined;
    await waitUntil(() => this.#isHealthy());
    return this.engine.pids()[0];
  }

  /** Kills the resident engine, if there is one, and waits until the application has noticed. */
  async endResident(): Promise<void> {
    const pid = await this.residentPid();
    if (pid === undefined) return;
    process.kill(pid, "SIGKILL");
    await waitUntil(async () => !(await this.#isHealthy()));
  }

  async #isHealthy(): Promise<boolean> {
    return (await fetch(new URL("/health", this.#server.url))).status === 200;
  }
}

/** Settings of a handler's process and its engine. */
export interface FaultyHostSetup extends Partial<HostSetup> {
  /** The plan from the start on. */
  readonly plan?: Plan;
}

/** The bundled handler in a process of its own, on a fake engine whose faults are planned. */
export interface FaultyHost extends HandlerHost {
  readonly engine: PlannedEngine;
  /** Asks with nothing planned any more; fails, naming the context, unless the answer is whole. */
  askFaultless(context: unknown): Promise<void>;
}

/** Starts one until the test's end; fails then when a process is left. */
export async function startFaultyHost(
  name: EngineName,
  { plan, ...setup }: FaultyHostSetup = {},
): Promise<FaultyHost> {
  const engine = opened(new PlannedEngine(name, plan));
  const variables = { ...engine.variables, ...setup.variables };
  const host = opened(await startHandlerHost({ ...setup, variables }));
  return {
    ...host,
    engine,
    async askFaultless(context) {
      engine.plan();
      engine.expectWhole(await host.ask(), context);
    },
  };
}
