import { SetupError } from "../model/setup-error.ts";

/** What a shell reports for a program that SIGINT ended. */
const interruptedExitCode = 130;

/**
 * Runs a script's steps. A {@link SetupError} is told in its own words and ends the script with
 * exit code 1; a Ctrl-C aborts the signal and ends it with 130; anything else is a fault of ours
 * and keeps its stack.
 *
 * @param whenStopped what a Ctrl-C leaves, and how to go on
 */
export async function runScript(
  steps: (signal: AbortSignal) => Promise<void>,
  whenStopped = "What has come so far is kept: run this again to go on.",
): Promise<void> {
  const interruption = new AbortController();
  process.on("SIGINT", () => {
    if (interruption.signal.aborted) process.exit(interruptedExitCode); // a second one means now
    interruption.abort();
  });
  try {
    await steps(interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted) {
      console.error(`\nStopped. ${whenStopped}`);
      process.exitCode = interruptedExitCode;
    } else if (error instanceof SetupError) {
      console.error(`\n${error.message}`);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}
