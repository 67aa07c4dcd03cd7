import {
  createPlannedEngine,
  type EngineName,
  expectWhole,
  type Plan,
  type PlannedEngine,
} from "../../helpers/fakes/planned-engine.ts";
import { serveApplication } from "../../helpers/http-server.ts";
import { waitUntil } from "../../helpers/processes.ts";
import {
  askWhole,
  type StreamedAnswer,
  streamAnswer,
  type WholeAnswer,
} from "../../helpers/served-answer.ts";

/** How the application is set up. */
export interface FaultySetup {
  readonly engine: EngineName;
  readonly variables?: Readonly<Record<string, string>>;
  /** Time that a request may take, in milliseconds. */
  readonly limitMs?: number;
  /** The plan at the start, when the resident engine loads already. */
  readonly plan?: Plan;
}

/** The whole application behind HTTP on a fake engine whose faults are planned. */
export interface FaultyApplication extends PlannedEngine {
  readonly url: string;
  ask(signal?: AbortSignal): Promise<WholeAnswer>;
  stream(signal?: AbortSignal): Promise<StreamedAnswer>;
  /** Asks with nothing planned any more; fails, naming the context, unless all is well. */
  askFaultless(context: unknown): Promise<WholeAnswer>;
  /** The resident engine's process id, once it has loaded. */
  residentPid(): Promise<number>;
  /** Kills the resident engine, if there is one, and waits until the application knows. */
  endResident(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it; to be closed, which fails when a process is left. */
export async function startFaultyApplication(setup: FaultySetup): Promise<FaultyApplication> {
  const planned = createPlannedEngine(setup.engine, setup.plan);
  const { url, close } = await serveApplication(
    { ...planned.variables, ...setup.variables },
    setup.limitMs,
  );
  const ask = (signal?: AbortSignal) => askWhole(url, signal);
  const isHealthy = async () => (await fetch(new URL("/health", url))).status === 200;
  return {
    ...planned,
    url,
    ask,
    stream: (signal) => streamAnswer(url, { signal }),
    async askFaultless(context) {
      planned.plan();
      const answer = await ask();
      expectWhole(setup.engine, answer, context);
      return answer;
    },
    async residentPid() {
      await waitUntil(isHealthy);
      return planned.enginePids()[0] ?? Number.NaN;
    },
    async endResident() {
      if (setup.engine !== "llama-server") return;
      await waitUntil(isHealthy);
      for (const pid of planned.enginePids()) process.kill(pid, "SIGKILL");
      await waitUntil(async () => !(await isHealthy()));
    },
    async close() {
      await close();
      await planned.engineGone();
      planned.remove();
    },
  };
}
