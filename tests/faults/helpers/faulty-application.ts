import type { WholeAnswer } from "../../helpers/handler-host.ts";
import { type RunningServer, serveApplication } from "../../helpers/http-server.ts";
import { waitUntil } from "../../helpers/processes.ts";
import { type EngineName, type Plan, PlannedEngine } from "./planned-engine.ts";
import { askWhole, type StreamedAnswer, streamAnswer } from "./served-answer.ts";

/** Settings of the application and its engine. */
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

  constructor(engine: PlannedEngine, server: RunningServer) {
    this.engine = engine;
    this.#server = server;
  }

  /** Starts it; closing it fails when a process is left. */
  static async start(name: EngineName, setup: FaultySetup = {}): Promise<FaultyApplication> {
    const engine = new PlannedEngine(name, setup.plan);
    const variables = { ...engine.variables, ...setup.variables };
    return new FaultyApplication(engine, await serveApplication(variables, setup.limitMs));
  }

  ask(signal?: AbortSignal): Promise<WholeAnswer> {
    return askWhole(this.#server.url, signal);
  }

  stream(signal?: AbortSignal): Promise<StreamedAnswer> {
    return streamAnswer(this.#server.url, { signal });
  }

  /** Asks with nothing planned any more; fails, naming the context, unless the answer is whole. */
  async askFaultless(context: unknown): Promise<WholeAnswer> {
    this.engine.plan();
    const answer = await this.ask();
    this.engine.expectWhole(answer, context);
    return answer;
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

  async close(): Promise<void> {
    await this.#server.close();
    await this.engine.close();
  }

  async #isHealthy(): Promise<boolean> {
    return (await fetch(new URL("/health", this.#server.url))).status === 200;
  }
}
