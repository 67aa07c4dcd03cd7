import { AppError } from "../../runtime/errors.ts";
import { CommandError } from "./command-error.ts";

/**
 * Runs a command of the Makefile: a reason is printed as it is, anything else with its stack,
 * because nobody foresaw it. Exit code 1 either way; `DEBUG=1` shows the cause of a reason too.
 */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const isReason = error instanceof CommandError || error instanceof AppError;
    if (isReason) console.error(`\n${error.message}`);
    if (!isReason || process.env.DEBUG) console.error(error);
    process.exitCode = 1;
  }
}
