import { constants } from "node:os";
import { UserError } from "../../model/user-error.ts";
import { AppError } from "../../runtime/errors.ts";

/** A signal has stopped a command; the message says what is left and how to continue. */
export class Interrupted extends UserError {}

/**
 * Runs a command of the Makefile. An error that is meant for the user is printed without its stack,
 * any other with it, because it is a fault of ours; `DEBUG=1` prints every stack. Exit code 1 after
 * either. Ctrl-C ends the process at once.
 */
export async function runCommandLine(command: () => Promise<void>): Promise<void> {
  // The AWS SDK warns about Node.js 20 on every run; package.json states which Node.js is needed.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  process.stdout.on("error", endOnClosedPipe);
  try {
    await command();
  } catch (error) {
    if (isReason(error)) console.error(`\n${error.message}`);
    if (!isReason(error) || process.env.DEBUG) console.error(error);
    process.exitCode = 1;
  }
}

/**
 * {@link runCommandLine} for a command that Ctrl-C should not cut off: the first one aborts the
 * signal, and the command ends after the current step; a second one ends it at once. SIGTERM does
 * the same. The exit code is a shell's for that signal, 130 for Ctrl-C.
 *
 * @param whenStopped what is left after Ctrl-C and how to continue
 */
export async function runInterruptible(
  command: (signal: AbortSignal) => Promise<void>,
  whenStopped = "What is there so far is kept: run this again to continue.",
): Promise<void> {
  const signal = interruption();
  await runCommandLine(async () => {
    try {
      await command(signal);
    } catch (error) {
      if (!signal.aborted || error instanceof Interrupted) throw error;
      throw new Interrupted(`Stopped. ${whenStopped}`, { cause: error });
    }
  });
  if (signal.aborted && process.exitCode === 1) process.exitCode = exitCodeOf(signal.reason.signal);
}

/** Aborted by the first Ctrl-C or SIGTERM; the second one ends the process. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodeOf(name));
      console.error(`\n${name}: stopping after the current step …`);
      const reason = { name: "AbortError", signal: name };
      controller.abort(Object.assign(new Error(`received ${name}`), reason));
    });
  }
  return controller.signal;
}

function exitCodeOf(name: NodeJS.Signals): number {
  return 128 + constants.signals[name];
}

/** Ends as a shell reports for SIGPIPE, without a stack, when `head` has closed the pipe. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodeOf("SIGPIPE"));
}

/** True for an error whose message is meant for the user, as opposed to a fault of ours. */
export function isReason(error: unknown): error is Error {
  return error instanceof UserError || error instanceof AppError;
}
