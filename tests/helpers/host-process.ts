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
interface HostState {
  readonly rssBytes: number;
  /** After a collection where Node.js runs with --expose-gc. */
  readonly heapBytes: number;
  /** The file of each open descriptor, without numbers. */
  readonly descriptors: readonly string[];
  /** Active timers, sockets, processes … */
  readonly resources: readonly string[];
  readonly warnings: readonly string[];
}

interface HostMessage {
  readonly id: string;
  readonly value?: unknown;
  readonly error?: string;
}

const fixtures = join(import.meta.dirname, "../fixtures");
const keptLog = 100_000;

/** A running host: `tests/fixtures/host-actions.mjs`. */
export class HostProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it sent when it was ready; rejects with its output when it does not start. */
  readonly ready: Promise<unknown>;
  readonly #ended: Promise<number | NodeJS.Signals | null>;
  readonly #waiting = new Map<string, (message: HostMessage) => void>();
  #log = "";
  #count = 0;

  /** @param program a file of the fixtures */
  constructor(program: string, setup: HostSetup) {
    const { wrapper = [], nodeFlags = [], logTo = "pipe", variables } = setup;
    const node = [process.execPath, ...nodeFlags, join(fixtures, program)];
    const [file = "", ...args] = [...wrapper, ...node];
    this.child = spawn(file, args, {
      stdio: ["ignore", "pipe", logTo, "ipc"],
      env: { PATH: process.env.PATH, ...variables },
    });
    this.pid = this.child.pid ?? Number.NaN;
    this.child.stdout?.resume();
    this.child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#log = (this.#log + text).slice(-keptLog);
    });
    this.#ended = once(this.child, "exit").then(([code, signal]) => signal ?? code);
    this.child.on("message", (message: HostMessage) => this.#waiting.get(message.id)?.(message));
    this.ready = this.#answerTo("ready");
  }

  /** The last 100,000 characters of its log. */
  log(): string {
    return this.#log;
  }

  /** Has it do one of the actions in `host-actions.mjs`. */
  act(action: string, given: object = {}): Promise<unknown> {
    const id = String(this.#count++);
    const answer = this.#answerTo(id);
    this.child.send({ id, action, ...given });
    return answer;
  }

  async state(): Promise<HostState> {
    return (await this.act("state")) as HostState;
  }

  /** Opens files until it has only so many descriptors left. */
  hoardDescriptors(leave: number): Promise<unknown> {
    return this.act("hoardDescriptors", { leave });
  }

  releaseDescriptors(): Promise<unknown> {
    return this.act("releaseDescriptors");
  }

  /** Ends it as Lambda does; returns its exit code or signal. */
  async close(): Promise<number | NodeJS.Signals | null> {
    this.child.kill("SIGTERM");
    return this.#ended;
  }

  async #answerTo(id: string): Promise<unknown> {
    const { value, error } = await new Promise<HostMessage>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      void this.#ended.then((how) => reject(new Error(`the host ended by ${how}: ${this.#log}`)));
    });
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return value;
  }
}
