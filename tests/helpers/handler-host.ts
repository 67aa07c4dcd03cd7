import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type WholeAnswer, wholeAnswer } from "./served-answer.ts";

const hostProgram = join(import.meta.dirname, "../fixtures/handler-host.mjs");
const builtBundle = join(import.meta.dirname, "../../dist/handler/handler.mjs");

/** How a handler's process is started. */
export interface HandlerHostSetup {
  readonly variables: Readonly<Record<string, string>>;
  /** What stands in front of its command line: `["setpriv", …]`, a shell with a limit. */
  readonly wrapper?: readonly string[];
  /** Node.js's own flags. */
  readonly nodeFlags?: readonly string[];
  /** A descriptor that its log goes to; else {@link HandlerHost.log} tells of it. */
  readonly logTo?: number;
  /** Files elsewhere, for one who may not read ours. */
  readonly program?: string;
  readonly bundle?: string;
}

/** What a handler's process holds. */
export interface HostState {
  readonly rssBytes: number;
  /** After a collection where Node.js runs with --expose-gc. */
  readonly heapBytes: number;
  /** What each open descriptor is of, numbers left out. */
  readonly descriptors: readonly string[];
  /** Timers, sockets, processes … that are under way. */
  readonly resources: readonly string[];
  readonly warnings: readonly string[];
}

/** The bundled handler in a process of its own. */
export interface HandlerHost {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  ask(event?: object, limitMs?: number): Promise<WholeAnswer>;
  /** The handler's own return value. */
  invoke(event: object): Promise<{ readonly statusCode: number; readonly body: string }>;
  state(): Promise<HostState>;
  shiftClock(ms: number): Promise<void>;
  hoardDescriptors(leave: number): Promise<number>;
  releaseDescriptors(): Promise<void>;
  /** Ends it as Lambda does, and tells how it ended. */
  close(): Promise<number | NodeJS.Signals | null>;
}

/** Starts one; its promise rejects with the process's own words when it does not come up. */
export async function startHandlerHost(setup: HandlerHostSetup): Promise<HandlerHost> {
  const command = [
    ...(setup.wrapper ?? []),
    process.execPath,
    ...(setup.nodeFlags ?? []),
    setup.program ?? hostProgram,
  ];
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", setup.logTo ?? "pipe", "ipc"],
    env: {
      PATH: process.env.PATH,
      HANDLER_BUNDLE: pathToFileURL(setup.bundle ?? builtBundle).href,
      BITNET_KILL_DELAY_MS: "100",
      ...setup.variables,
    },
  });
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    log = (log + text).slice(-100_000);
  });
  child.stdout?.resume();
  const ended = once(child, "exit").then(([code, signal]) => signal ?? code);
  const waiting = new Map<string, (message: HostMessage) => void>();
  child.on("message", (message: HostMessage) => waiting.get(message.id)?.(message));
  const answerTo = (id: string) =>
    new Promise<HostMessage>((resolve, reject) => {
      waiting.set(id, resolve);
      void ended.then((how) => reject(new Error(`the handler's process ended by ${how}: ${log}`)));
    });
  let count = 0;
  const act = async (action: string, given: object = {}) => {
    const id = String(count++);
    const answer = answerTo(id);
    child.send({ id, action, ...given });
    const { value, error } = await answer;
    waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return value;
  };
  await answerTo("ready");
  return {
    child,
    pid: child.pid ?? Number.NaN,
    log: () => log,
    async ask(event = { prompt: "Hi there" }, limitMs) {
      const startedAt = performance.now();
      const { statusCode, body } = (await act("invoke", { event, limitMs })) as Returned;
      return wholeAnswer(statusCode, body, startedAt);
    },
    invoke: async (event) => (await act("invoke", { event })) as Returned,
    state: async () => (await act("state")) as HostState,
    shiftClock: async (ms) => void (await act("shiftClock", { ms })),
    hoardDescriptors: async (leave) => (await act("hoardDescriptors", { leave })) as number,
    releaseDescriptors: async () => void (await act("releaseDescriptors")),
    async close() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

interface HostMessage {
  readonly id: string;
  readonly value?: unknown;
  readonly error?: string;
}

interface Returned {
  readonly statusCode: number;
  readonly body: string;
}
