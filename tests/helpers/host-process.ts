import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** How a host is started: a process of its own that runs part of the runtime. */
export interface HostSetup {
  readonly variables: Readonly<Record<string, string>>;
  /** Precedes its command line: a shell that sets a limit. */
  readonly wrapper?: readonly string[];
  /** Node.js's own flags. */
  readonly nodeFlags?: readonly string[];
  /** The descriptor for its log; without one {@link HostProcess.log} returns it. */
  readonly logTo?: number;
}

/** The resources of a host. */
export interface HostState {
  readonly rssBytes: number;
  /** After a collection where Node.js runs with --expose-gc. */
  readonly heapBytes: number;
  /** The file of each open descriptor, without numbers. */
  readonly descriptors: readonly string[];
  /** Active timers, sockets, processes … */
  readonly resources: readonly string[];
  readonly warnings: readonly string[];
}

/** A running host: `tests/fixtures/host-actions.mjs`. */
export interface HostProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it sent when it was ready. */
  readonly ready: unknown;
  /** The last 100,000 characters of its log. */
  log(): string;
  /** Has it do one of the actions in `host-actions.mjs`. */
  act(action: string, given?: object): Promise<unknown>;
  state(): Promise<HostState>;
  /** Opens files until it has only so many descriptors left. */
  hoardDescriptors(leave: number): Promise<unknown>;
  releaseDescriptors(): Promise<unknown>;
  /** Ends it as Lambda does; returns its exit code or signal. */
  close(): Promise<number | NodeJS.Signals | null>;
}

interface HostMessage {
  readonly id: string;
  readonly value?: unknown;
  readonly error?: string;
}

const fixtures = join(import.meta.dirname, "../fixtures");
const keptLog = 100_000;

/**
 * Starts a host.
 *
 * @param program a path, or a file of the fixtures
 * @throws Error with the process's output when it does not start
 */
export async function startHostProcess(program: string, setup: HostSetup): Promise<HostProcess> {
  const { wrapper = [], nodeFlags = [], logTo = "pipe", variables } = setup;
  const [file = "", ...args] = [
    ...wrapper,
    process.execPath,
    ...nodeFlags,
    join(program.includes("/") ? "" : fixtures, program),
  ];
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", logTo, "ipc"],
    env: { PATH: process.env.PATH, ...variables },
  });
  let log = "";
  child.stdout?.resume();
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    log = (log + text).slice(-keptLog);
  });
  const ended = once(child, "exit").then(([code, signal]) => signal ?? code);
  const waiting = new Map<string, (message: HostMessage) => void>();
  child.on("message", (message: HostMessage) => waiting.get(message.id)?.(message));
  const answerTo = async (id: string) => {
    const { value, error } = await new Promise<HostMessage>((resolve, reject) => {
      waiting.set(id, resolve);
      void ended.then((how) => reject(new Error(`the host ended by ${how}: ${log}`)));
    });
    waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return value;
  };
  let count = 0;
  const act = (action: string, given: object = {}) => {
    const id = String(count++);
    const answer = answerTo(id);
    child.send({ id, action, ...given });
    return answer;
  };
  return {
    child,
    pid: child.pid ?? Number.NaN,
    ready: await answerTo("ready"),
    log: () => log,
    act,
    state: async () => (await act("state")) as HostState,
    hoardDescriptors: (leave) => act("hoardDescriptors", { leave }),
    releaseDescriptors: () => act("releaseDescriptors"),
    async close() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
