import type { ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync, openSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import spawn, { type Result, type SubprocessError } from "nano-spawn";
import { UserError } from "../../model/user-error.ts";

/** A program and how to run it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Variables added to those of this process; `undefined` removes one. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Standard input; empty by default. Secrets go here, since `ps` shows arguments. */
  readonly input?: string;
  /** A file to which both outputs are appended. */
  readonly logFile?: string;
  /** Also print its output while it runs. */
  readonly isShown?: boolean;
  /** Heading of the error when it fails; the command line and the exit code by default. */
  readonly failure?: string;
}

/** How a program ended. */
export interface CommandResult {
  /** 128 for a program that a signal ended. */
  readonly exitCode: number;
  /** Without the last newline. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Last lines of output, and characters of a command line, that an error quotes. */
const quotedLines = 30;
const quotedCharacters = 300;

/**
 * Runs a program without a shell, and fails unless it succeeds.
 *
 * @throws UserError when it cannot be started, and with its last lines of output when its exit code
 * is not 0
 * @example const { stdout } = await runCommand({ file: "git", args: ["rev-parse", "HEAD"] });
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  const result = await runChild(command);
  if (result.exitCode === 0) return result;
  const { file, args } = command;
  const commandLine = [file, ...args].join(" ").slice(0, quotedCharacters);
  const heading = command.failure ?? `${commandLine}\nended with ${result.exitCode}`;
  const output = `${result.stdout}\n${result.stderr}`.trim().split("\n");
  throw new UserError(`${heading}:\n${output.slice(-quotedLines).join("\n")}`);
}

/** True when there is such a program and it succeeds. */
export async function endsWell(command: Command): Promise<boolean> {
  return runCommand(command).then(Boolean, () => false);
}

/**
 * Runs a program to its end; the caller judges its exit code. SIGTERM is passed on to it. Ctrl-C
 * reaches it from the terminal, and is waited for here, so that Terraform can save its state.
 *
 * @throws UserError when it cannot be started
 */
export async function runChild(command: Command): Promise<CommandResult> {
  const log = openLog(command.logFile);
  const subprocess = spawn(command.file, command.args, {
    stdin: { string: command.input ?? "" },
    env: { ...command.environment },
  });
  const stopPassing = passOnSigterm(subprocess.nodeChildProcess);
  try {
    const [result] = await Promise.all([
      subprocess.then(succeeded, failed(command.file)),
      subprocess.nodeChildProcess.then(
        (child) => copyOutput(child, command, log),
        () => {},
      ),
    ]);
    return result;
  } finally {
    stopPassing();
    await new Promise((written) => (log ? log.end(written) : written(undefined)));
  }
}

function succeeded({ stdout, stderr }: Result): CommandResult {
  return { exitCode: 0, stdout, stderr };
}

/** Why a program was not started, by the system's code. */
const notStarted: Readonly<Record<string, string>> = {
  ENOENT: "is not installed",
  EACCES: "is not executable, or in a folder of PATH that this user may not read",
};

function failed(file: string) {
  return ({ exitCode, signalName, stdout, stderr, cause }: SubprocessError): CommandResult => {
    if (exitCode !== undefined) return { exitCode, stdout, stderr };
    if (signalName !== undefined) {
      return { exitCode: 128, stdout, stderr: `${stderr}\nended by ${signalName}` };
    }
    const { code = "" } = cause as NodeJS.ErrnoException;
    const message = notStarted[code] ?? `cannot be started: ${String(cause)}`;
    throw new UserError(`${file} ${message}`, { cause });
  };
}

function copyOutput(child: ChildProcess, { isShown }: Command, log: WriteStream | undefined): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text: string) => {
      log?.write(text);
      if (isShown) process.stderr.write(text);
    });
  }
}

/** Returns a function that stops passing. */
function passOnSigterm(child: Promise<ChildProcess>): () => void {
  const stayAlive = () => {};
  const passOn = () => void child.then((running) => running.kill("SIGTERM"), stayAlive);
  process.on("SIGTERM", passOn).on("SIGINT", stayAlive);
  return () => void process.off("SIGTERM", passOn).off("SIGINT", stayAlive);
}

/** Opened before the program starts, so that nothing runs whose output could not be kept. */
function openLog(path: string | undefined): WriteStream | undefined {
  if (path === undefined) return undefined;
  mkdirSync(dirname(path), { recursive: true });
  const log = createWriteStream(path, { fd: openSync(path, "a") });
  // A full disk is no reason to stop halfway.
  log.once("error", ({ message }) => console.error(`${path} is not complete: ${message}`));
  return log;
}
