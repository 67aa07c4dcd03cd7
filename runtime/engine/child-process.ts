import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onExit } from "signal-exit";
import { gated, tieToThisProcess } from "./parent-death-watchdog.ts";

/** Standard error kept for diagnosis, in bytes from its end. */
const stderrTailBytes = 8 * 1024;

/** What to run and what to give it. */
export interface ChildProcessOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** This process's environment, of which the child gets {@link engineEnvironment}. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard input, as a file the child can open again by the name /dev/stdin; else nothing. */
  readonly input?: string;
  /** Where that file is made, for a moment. */
  readonly temporaryFolder: string;
  /** When it aborts: SIGTERM, and after `killDelayMs` SIGKILL. */
  readonly signal: AbortSignal;
  readonly killDelayMs: number;
  readonly onStderr: (bytes: Uint8Array) => void;
  /** It does not keep this process from ending, and a watchdog ends it when this process is gone. */
  readonly isBackground?: boolean;
}

/**
 * The only variables that an engine sees: no credentials, and no `LLAMA_ARG_*`, which are flags to it.
 */
const inheritedVariables = ["PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG"] as const;

/** The environment of an engine's process. */
export function engineEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    inheritedVariables.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** How a child ended. */
export interface ChildExit {
  /** `null` when a signal ended it or it never ran. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started (`ENOENT`, `EACCES` …). */
  readonly startFailure: NodeJS.ErrnoException | undefined;
  /** It was stopped before it ended. */
  readonly isTerminated: boolean;
  readonly stderrTail: string;
}

/** A child that runs or failed to start: see `exit`. */
export interface RunningChild {
  /** Must be read to its end (or left early, which stops the child). */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Settles when the child is gone and its pipes are closed; never rejects. */
  readonly exit: Promise<ChildExit>;
}

/**
 * Starts a program in a process group of its own: what it starts goes with it, and a Ctrl-C reaches us
 * alone. No shell reads its arguments. The group is killed when this process ends; after a SIGKILL of this process
 * the child ends at its next write, one in the background at once or never begins.
 *
 * @throws NodeJS.ErrnoException when the input cannot be written to the temporary folder
 */
export function startChildProcess(options: ChildProcessOptions): RunningChild {
  const input = openUnlinkedFile(options);
  keepListening();
  // Registered before the start: a signal that arrives meanwhile is handled after it.
  let child: ChildProcess | undefined;
  const forgetExit = onExit(() => signalGroup(child, "SIGKILL"));
  try {
    const isGated = options.isBackground && input === undefined;
    const gate = isGated ? gated(options.file, options.args) : undefined;
    child = spawn(...(gate ?? [options.file, options.args]), {
      env: engineEnvironment(options.environment),
      stdio: [gate ? "pipe" : (input ?? "ignore"), "pipe", "pipe"],
      detached: true,
    });
    const running = watchChild(child, options, forgetExit);
    if (options.isBackground) unreference(child);
    child.stdin?.on("error", () => undefined).end("\n");
    return running;
  } catch (error) {
    forgetExit();
    return neverStarted(error as NodeJS.ErrnoException);
  } finally {
    if (input !== undefined) closeSync(input);
  }
}

let isListening = false;

/**
 * Keeps one listener for good: `signal-exit` stops listening with its last one, and a signal that comes
 * at that moment is lost.
 */
function keepListening(): void {
  if (!isListening) onExit(() => undefined);
  isListening = true;
}

function watchChild(
  child: ChildProcess,
  options: ChildProcessOptions,
  forgetExit: () => void,
): RunningChild {
  let tail = Buffer.alloc(0);
  child.stderr?.on("data", (bytes: Buffer) => {
    tail = Buffer.concat([tail, bytes.subarray(-stderrTailBytes)]).subarray(-stderrTailBytes);
    options.onStderr(bytes);
  });
  const termination = new Termination(child, options);
  const endWatchdog =
    options.isBackground && child.pid !== undefined ? tieToThisProcess(child.pid) : undefined;
  const exit = waitForClose(child).then((ending) => {
    termination.release();
    forgetExit();
    endWatchdog?.();
    return { ...ending, isTerminated: termination.isTerminated, stderrTail: tail.toString("utf8") };
  });
  return { stdout: readOrTerminate(child, termination), exit };
}

function unreference(child: ChildProcess): void {
  child.unref();
  for (const pipe of [child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
}

/** Some failures to start are thrown by `spawn` (ENOTDIR, E2BIG), others come as events. */
function neverStarted(startFailure: NodeJS.ErrnoException): RunningChild {
  const ending = {
    exitCode: null,
    signal: null,
    startFailure,
    isTerminated: false,
    stderrTail: "",
  };
  return { stdout: Readable.from([]), exit: Promise.resolve(ending) };
}

/**
 * A descriptor of a file that holds the input and has no name any more: Node's own pipes are sockets,
 * which cannot be opened as /dev/stdin. Written at position 0, since its offset must not move.
 */
function openUnlinkedFile({ input, temporaryFolder }: ChildProcessOptions): number | undefined {
  if (input === undefined) return undefined;
  const path = join(temporaryFolder, `bitnet-prompt-${randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  try {
    const bytes = Buffer.from(input);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  } finally {
    unlinkSync(path);
  }
}

/** Standard output to its end; a reader who leaves early ends the child. */
async function* readOrTerminate(child: ChildProcess, termination: Termination) {
  let isRead = false;
  try {
    for await (const bytes of child.stdout ?? []) yield bytes as Uint8Array;
    isRead = true;
  } finally {
    if (!isRead) termination.terminate();
  }
}

type Ending = Pick<ChildExit, "exitCode" | "signal" | "startFailure">;

function waitForClose(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    let startFailure: NodeJS.ErrnoException | undefined;
    child.once("error", (error) => {
      startFailure = error;
      // Without pipes (no descriptors left) there will be no "close".
      if (!child.stdout) resolve({ exitCode: null, signal: null, startFailure });
    });
    child.once("close", (exitCode, signal) => {
      resolve({ exitCode: startFailure ? null : exitCode, signal, startFailure });
    });
  });
}

/** Ends a child's process group when a signal aborts: SIGTERM, and SIGKILL after a delay. */
class Termination {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;
  readonly #killDelayMs: number;
  readonly #onAbort = () => this.terminate();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  isTerminated = false;

  constructor(child: ChildProcess, { signal, killDelayMs }: ChildProcessOptions) {
    this.#child = child;
    this.#signal = signal;
    this.#killDelayMs = killDelayMs;
    signal.addEventListener("abort", this.#onAbort);
    if (signal.aborted) this.terminate();
  }

  terminate(): void {
    if (this.isTerminated || this.#isClosed || this.#child.pid === undefined) return;
    this.isTerminated = true;
    signalGroup(this.#child, "SIGTERM");
    this.#timer = setTimeout(() => signalGroup(this.#child, "SIGKILL"), this.#killDelayMs);
  }

  /** To be called when the child has ended. */
  release(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}
