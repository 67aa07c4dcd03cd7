import { runCommandLine } from "./command-line.ts";

/** What a shell reports for a program that SIGINT ended. */
const interruptedExitCode = 130;

/**
 * Runs a script's steps as {@link runCommandLine} does. A Ctrl-C aborts the signal, and ends the
 * script with exit code 130 when the steps stop for it; a second one ends it at once.
 *
 * @param whenStopped what a Ctrl-C leaves, and how to go on
 */
export async function runScript(
  steps: (signal: AbortSignal) => Promise<void>,
  whenStopped = "What has come so far is kept: run this again to go on.",
): Promise<void> {
  const interruption = new AbortController();
  process.on("SIGINT", () => {
    if (interruption.signal.aborted) process.exit(interruptedExitCode);
    interruption.abort();
  });
  await runCommandLine(async () => {
    try {
      await steps(interruption.signal);
    } catch (error) {
      if (!interruption.signal.aborted) throw error;
      console.error(`\nStopped. ${whenStopped}`);
      process.exitCode = interruptedExitCode;
    }
  });
}
