import { UserError } from "../../model/user-error.ts";
import { runChild } from "./child-command.ts";

/** A program and how to run it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Variables added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a program ended that did not fail. */
export interface CommandResult {
  readonly stdout: string;
}

/** Lines of output that a failure tells. */
const toldLines = 30;

/**
 * Runs a program without a shell, to an end that must be a good one.
 *
 * @throws UserError when it cannot be started; UserError with the last lines of
 * its output when it ends with another code than 0
 */
export async function runCommand({ file, args, environment }: Command): Promise<CommandResult> {
  const { exitCode, stdout, stderr } = await runChild({
    program: file,
    arguments: args,
    ...(environment !== undefined && { environment }),
  });
  if (exitCode === 0) return { stdout };
  const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-toldLines).join("\n");
  const shown = [file, ...args].join(" ").slice(0, 300);
  throw new UserError(`${shown}\nended with ${exitCode}:\n${tail}`);
}

/** Runs a program and tells whether there is such a program and it ended with code 0. */
export async function endsWell(command: Command): Promise<boolean> {
  return runCommand(command).then(
    () => true,
    () => false,
  );
}
