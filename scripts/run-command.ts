import { spawn } from "node:child_process";
import { SetupError } from "../model/setup-error.ts";

/** A program and how to run it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder?: string;
  /** Variables added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Gets the output, both streams, as it comes; by default it is kept and told on failure. */
  readonly onOutput?: (text: string) => void;
}

/** How a program ended that did not fail. */
export interface CommandResult {
  readonly stdout: string;
}

/** Lines of output that a failure tells. */
const toldLines = 30;

/**
 * Runs a program without a shell, to its end.
 *
 * @throws SetupError `tool-missing` when there is no such program, `command-failed` with the last
 * lines of its output when it ends with another code than 0
 */
export function runCommand(command: Command): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      cwd: command.folder,
      env: { ...process.env, ...command.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let output = "";
    const listen = (isStdout: boolean) => (text: string) => {
      if (isStdout) stdout += text;
      output = (output + text).slice(-100_000);
      command.onOutput?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", listen(true));
    child.stderr.setEncoding("utf8").on("data", listen(false));
    child.once("error", (error) => reject(notStarted(command, error)));
    child.once("close", (code, signal) => {
      if (code === 0) resolve({ stdout });
      else reject(commandFailed(command, code ?? signal, output));
    });
  });
}

function notStarted({ file }: Command, cause: NodeJS.ErrnoException): SetupError {
  const what = cause.code === "ENOENT" ? "is not installed" : `cannot be run: ${cause.message}`;
  return new SetupError("tool-missing", `${file} ${what}`, { cause });
}

function commandFailed({ file, args }: Command, how: unknown, output: string): SetupError {
  const tail = output.trimEnd().split("\n").slice(-toldLines).join("\n");
  const shown = [file, ...args].join(" ").slice(0, 300);
  return new SetupError("command-failed", `${shown}\nended with ${how}:\n${tail}`);
}

/** Runs a program and tells whether there is such a program and it ended with code 0. */
export async function endsWell(command: Command): Promise<boolean> {
  return runCommand(command).then(
    () => true,
    () => false,
  );
}
