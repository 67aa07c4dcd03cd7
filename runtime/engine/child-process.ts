import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onExit } from "signal-exit";
import { tieToThisProcess } from "./llama-server/parent-death-watchdog.ts";

/** Standard error kept for diagnosis, in bytes from its end. */
const stderrTailBytes = 8 * 1024;

/** What to run and what to give it. */
export interface ChildProcessOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the child; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Standard input, as a file the child can open again by the name /dev/stdin; else nothing. */
  readonly input?: string;
  /** Where that file is made, for a moment. */
  readonly temporaryFolder: string;
  /** When it aborts: SIGTERM, and after `killDelayMs` SIGKILL. */
  readonly signal: AbortSignal;
  readonly killDelayMs: number;
  readonly onStderr: (bytes: Uint8Array) => void;
  /**
   * It alone does not keep this process from ending; and since it does not write by itself, a
   * lifeline ends it when this process is gone.
   */
  readonly isBackground?: boolean;
}

/** How a child ended. */
export interface ChildExit {
  /** `null` when a signal ended it or it never ran. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started (`ENOENT`, `EACCES` …). */
  readonly startFailure: NodeJS.ErrnoException | undefined;
  /** It was told to stop before it ended. */
  readonly isTerminated: boolean;
  readonly stderrTail: string;
}

/** A child that runs, or failed to: `exit` tells. */
export interface RunningChild {
  /** Must be read to its end (or left early, which stops the child). */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Settles when the child is gone and its pipes are closed; never rejects. */
  readonly exit: Promise<ChildExit>;
}

/**
 * Starts a program without a shell, in a process group of its own, so that whatever it starts goes
 * when it goes and a Ctrl-C at the terminal reaches us alone. When this process ends, by whatever
 * it can notice, the group is killed; after a SIGKILL of this process the child ends at its next
 * write, by SIGPIPE, and one in the background at once.
 *
 * @throws NodeJS.ErrnoException when the input cannot be written to the temporary folder
 */
export function startChildProcess(options: ChildProcessOptions): RunningChild {
  const input =
    options.input === undefined
      ? undefined
      : openUnlinkedFile(options.input, options.temporaryFolder);
  goOnListening();
  // Before there is anything to end: a signal that comes while it starts is heard behind that.
  let child: ChildProcess | undefined;
  const forgetExit = onExit(() => signalGroup(child, "SIGKILL"));
  try {
    child = spawn(options.file, options.args, {
      env: { ...options.environment },
      stdio: [input ?? "ignore", "pipe", "pipe"],
      detached: true,
    });
    if (options.isBackground) unreference(child);
    return watchChild(child, options, forgetExit);
  } catch (error) {
    forgetExit();
    return neverStarted(error as NodeJS.ErrnoException);
  } finally {
    if (input !== undefined) closeSync(input);
  }
}

let isListening = false;

/**
 * `signal-exit` listens for signals as long as anybody asks it to. One that comes at the moment it
 * stops is lost, and this process would go on as if nobody had asked it to end: so it never stops.
 */
function goOnListening(): void {
  if (!isListening) onExit(() => undefined);
  isListening = true;
}

function watchChild(
  child: ChildProcess,
  options: ChildProcessOptions,
  forgetExit: () => void,
): RunningChild {
  const tail = keepTail(stderrTailBytes);
  child.stderr?.on("data", (bytes: Buffer) => {
    tail.push(bytes);
    options.onStderr(bytes);
  });
  const termination = terminateOnAbort(child, options.signal, options.killDelayMs);
  const cutLifeline =
    options.isBackground && child.pid !== undefined ? tieToThisProcess(child.pid) : undefined;
  const exit = waitForClose(child).then((ending) => {
    termination.release();
    forgetExit();
    cutLifeline?.();
    return { ...ending, isTerminated: termination.isTerminated(), stderrTail: tail.text() };
  });
  return { stdout: readOrTerminate(child, termination.terminate), exit };
}

function unreference(child: ChildProcess): void {
  child.unref();
  for (const pipe of [child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
}

/** Some failures to start are thrown by `spawn` (ENOTDIR, E2BIG), others are told as events. */
function neverStarted(startFailure: NodeJS.ErrnoException): RunningChild {
  const ending = { exitCode: null, signal: null, startFailure, isTerminated: false };
  return { stdout: Readable.from([]), exit: Promise.resolve({ ...ending, stderrTail: "" }) };
}

/**
 * A descriptor of a file that holds `text` and has no name any more. Node's own pipes are sockets,
 * which cannot be opened as /dev/stdin. Written at position 0 without moving the file's offset.
 */
function openUnlinkedFile(text: string, folder: string): number {
  const path = join(folder, `bitnet-prompt-${randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  } finally {
    unlinkSync(path);
  }
}

/** Standard output to its end; a reader who leaves before ends the child. */
async function* readOrTerminate(child: ChildProcess, terminate: () => void) {
  let isRead = false;
  try {
    for await (const bytes of child.stdout ?? []) yield bytes as Uint8Array;
    isRead = true;
  } finally {
    if (!isRead) terminate();
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

/** Ends the child's group when the signal aborts, politely first. */
function terminateOnAbort(child: ChildProcess, signal: AbortSignal, killDelayMs: number) {
  let isTerminated = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const terminate = () => {
    if (isTerminated || isClosed || child.pid === undefined) return;
    isTerminated = true;
    signalGroup(child, "SIGTERM");
    timer = setTimeout(() => signalGroup(child, "SIGKILL"), killDelayMs);
  };
  signal.addEventListener("abort", terminate);
  if (signal.aborted) terminate();
  return {
    terminate,
    isTerminated: () => isTerminated,
    release() {
      isClosed = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", terminate);
    },
  };
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

/** The last `limit` bytes of all that is pushed. */
function keepTail(limit: number) {
  let tail = Buffer.alloc(0);
  return {
    push(bytes: Buffer) {
      tail = Buffer.concat([tail, bytes.subarray(-limit)]).subarray(-limit);
    },
    text: () => tail.toString("utf8"),
  };
}
