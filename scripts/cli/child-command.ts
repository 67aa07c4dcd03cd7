import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../../model/user-error.ts";

/** A program to run. */
export interface ChildCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What it reads; nothing unless given. Secrets go here, since `ps` shows arguments. */
  readonly input?: string;
  /** A file that both of its outputs are added to. */
  readonly logFile?: string;
  /** Also show its output while it runs. */
  readonly isShown?: boolean;
}

/** How a program ended. */
export interface ChildResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Characters of each output that are kept. */
const keptCharacters = 1024 * 1024;

/**
 * Runs a program to its end; its exit code is the caller's to judge. Ctrl-C reaches it too (the
 * terminal sends it to both), and it is waited for, so that Terraform can save its state.
 *
 * @throws UserError when it cannot be started
 */
export async function runChild(command: ChildCommand): Promise<ChildResult> {
  const log = openLog(command.logFile);
  const child = spawn(command.program, command.arguments, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...command.environment },
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] = (output[name] + text).slice(-keptCharacters);
      log?.write(text);
      if (command.isShown) process.stderr.write(text);
    });
  }
  // A program that does not read its input closes it early.
  child.stdin.on("error", () => {});
  child.stdin.end(command.input);
  const passOn = () => child.kill("SIGTERM");
  const stayAlive = () => {};
  process.on("SIGTERM", passOn).on("SIGINT", stayAlive);
  try {
    const [exitCode, signal] = await once(child, "close");
    if (signal) return { ...output, exitCode: 128, stderr: `${output.stderr}\nended by ${signal}` };
    return { ...output, exitCode: exitCode ?? 128 };
  } catch (error) {
    throw startFailure(command.program, error);
  } finally {
    process.off("SIGTERM", passOn).off("SIGINT", stayAlive);
    await new Promise((written) => (log ? log.end(written) : written(undefined)));
  }
}

/** Opened at once, so that a program is not started whose output could not be kept. */
function openLog(path: string | undefined) {
  if (path === undefined) return undefined;
  mkdirSync(dirname(path), { recursive: true });
  const log = createWriteStream(path, { fd: openSync(path, "a") });
  // A disk that gets full is no reason to stop halfway.
  log.once("error", ({ message }) => console.error(`${path} is not complete: ${message}`));
  return log;
}

function startFailure(program: string, error: unknown): UserError {
  const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
  const message = isMissing ? "is not installed" : `cannot be started: ${String(error)}`;
  return new UserError(`${program} ${message}`, { cause: error });
}
