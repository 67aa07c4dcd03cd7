import { SetupError } from "../model/setup-error.ts";

/**
 * Runs a script's steps. A {@link SetupError} is told in its own words and ends the script with
 * exit code 1; a Ctrl-C aborts the signal and ends it with 130; anything else is a fault of ours
 * and keeps its stack.
 */
export async function runScript(steps: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort());
  try {
    await steps(interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted) {
      console.error("\nStopped. What has come so far is kept: run this again to go on.");
      process.exitCode = 130;
    } else if (error instanceof SetupError) {
      console.error(`\n${error.message}`);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}
