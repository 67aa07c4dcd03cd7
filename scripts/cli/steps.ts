import { UserError } from "../../model/user-error.ts";
import { Interrupted, isReason } from "./command-line.ts";

/** One step of a command that changes the cloud. */
export interface Step {
  /** What it does: "apply the registry". */
  readonly title: string;
  /** What it runs, for `DRY_RUN=1`. */
  readonly commands: readonly string[];
  /** What exists after it has failed. */
  readonly stateOnFailure: string;
  /** Runs it; returns the result for the progress line. */
  run(): Promise<string>;
}

/** How steps are run. */
export interface StepRun {
  /** The make target; running it again continues after a failure. */
  readonly command: string;
  /** Aborted by Ctrl-C: the current step ends, the next one does not start. */
  readonly signal: AbortSignal;
  /** Standard error by default. */
  readonly writeLine?: (line: string) => void;
  /** Milliseconds. */
  readonly now?: () => number;
}

/**
 * Runs steps in order, with a progress line and its time for each.
 *
 * @throws UserError that names the step, the reason, the state and how to continue; Interrupted
 * after Ctrl-C
 */
export async function runSteps(steps: readonly Step[], run: StepRun): Promise<void> {
  const { writeLine = console.error, now = () => performance.now() } = run;
  for (const [index, step] of steps.entries()) {
    const place = `[${index + 1}/${steps.length}]`;
    if (run.signal.aborted) throw stopped(step, place, "interrupted", run);
    writeLine(`${place} ${step.title} …`);
    const startedAt = now();
    const result = await step.run().catch((error: unknown) => {
      if (isReason(error)) throw stopped(step, place, error.message, run);
      throw error;
    });
    writeLine(`${place} ${result} (${((now() - startedAt) / 1000).toFixed(1)} s)`);
  }
}

/** Prints what would run. */
export function printSteps(steps: readonly Step[], writeLine: (line: string) => void): void {
  for (const [index, step] of steps.entries()) {
    writeLine(`[${index + 1}/${steps.length}] ${step.title}`);
    for (const command of step.commands) writeLine(`      ${command}`);
  }
}

function stopped(step: Step, place: string, reason: string, run: StepRun): UserError {
  const lines = [
    `make ${run.command} stopped at ${place} ${step.title}:`,
    reason,
    "",
    `State: ${step.stateOnFailure}`,
    `Next:  \`make ${run.command}\` again continues there: finished steps are kept.`,
  ];
  return new (run.signal.aborted ? Interrupted : UserError)(lines.join("\n"));
}
