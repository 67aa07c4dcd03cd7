import { UserError } from "../../model/user-error.ts";
import { isReason } from "./command-error.ts";

/** One step of a command that changes the cloud. */
export interface Step {
  /** What it does: "apply the registry". */
  readonly title: string;
  /** What it runs, for `DRY_RUN=1`. */
  readonly commands: readonly string[];
  /** What state things are in when it fails. */
  readonly stateOnFailure: string;
  /** Does it; returns what came of it, for the progress line. */
  run(): Promise<string>;
}

/** How steps are run. */
export interface StepRun {
  /** The Makefile's target, which also continues after a failure. */
  readonly command: string;
  readonly writeLine: (line: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
  /** Aborted by Ctrl-C: the step under way ends, the next does not begin. */
  readonly signal: AbortSignal;
}

/**
 * Runs steps in order, a progress line with its time for each.
 *
 * @throws UserError that names the step, the reason, the state, and what continues
 */
export async function runSteps(steps: readonly Step[], run: StepRun): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const place = `[${index + 1}/${steps.length}]`;
    if (run.signal.aborted) throw stopped(step, place, "interrupted", run.command);
    run.writeLine(`${place} ${step.title} …`);
    const startedAt = run.now();
    const result = await step.run().catch((error: unknown) => {
      if (isReason(error)) throw stopped(step, place, error.message, run.command);
      throw error;
    });
    run.writeLine(`${place} ${result} (${seconds(run.now() - startedAt)})`);
  }
}

/** Prints what would run, and runs nothing. */
export function printSteps(steps: readonly Step[], writeLine: (line: string) => void): void {
  for (const [index, step] of steps.entries()) {
    writeLine(`[${index + 1}/${steps.length}] ${step.title}`);
    for (const command of step.commands) writeLine(`      ${command}`);
  }
}

function stopped(step: Step, place: string, reason: string, command: string): UserError {
  return new UserError(
    [
      `make ${command} stopped at ${place} ${step.title}:`,
      reason,
      "",
      `State: ${step.stateOnFailure}`,
      `Next:  \`make ${command}\` again, once that is mended: what is done already is kept.`,
    ].join("\n"),
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
