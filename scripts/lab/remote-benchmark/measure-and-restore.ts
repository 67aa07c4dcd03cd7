import { UserError } from "../../../model/user-error.ts";
import { isReason } from "../../cli/command-line.ts";
import { type RemoteBenchmarkParts, restoringControl } from "./benchmark-parts.ts";
import { plannedCalls, type Setup, setupName } from "./benchmark-plan.ts";
import type { ReportEnding } from "./benchmark-report.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";
import { createBudget } from "./budget.ts";
import { createFunctionControl } from "./function-control.ts";
import { measure } from "./measure.ts";
import type { MeasuredFunction } from "./measured-function.ts";
import { type OriginalNote, writeNote } from "./original-note.ts";
import type { ReportFiles } from "./report-files.ts";
import { restoreFunction } from "./restore-function.ts";
import type { Sample } from "./sample.ts";
import { sampleLine } from "./sample-line.ts";

/** What is to be measured, with consent. */
export interface BenchmarkWork {
  readonly settings: BenchmarkSettings;
  readonly measured: MeasuredFunction;
  readonly files: ReportFiles;
}

/**
 * Notes what the function is, measures, puts it back whatever happened, writes the report.
 *
 * @throws whatever ended the measurement but an interruption, and UserError when the function
 * could not be put back
 */
export async function measureAndRestore(
  parts: RemoteBenchmarkParts,
  work: BenchmarkWork,
): Promise<ReportEnding> {
  const { notePath, writeLine, signal, region, describeRun } = parts;
  const { settings, measured, files } = work;
  const note = noteOf(parts, measured);
  writeNote(notePath, note);

  const findings = noFindings(settings);
  const measurement = await attempted(() => measureInto(findings, parts, work, note.runId));
  const ending = endingOf(measurement, signal);
  const line = endingLines[ending];
  if (line !== undefined) writeLine(line);
  const restoration = await attempted(() =>
    restoreFunction({ control: restoringControl(parts, note), note, notePath, writeLine }),
  );

  const { original, imageDigest } = measured;
  const facts = { ...original, ...describeRun(), region, imageDigest };
  const written = files.finish({ settings, facts, ending, ...findings });
  writeLine(written.length === 0 ? "nothing was written" : `written: ${written.join(", ")}`);
  throwFailures([ending === "failed" ? measurement : undefined, restoration]);
  return ending;
}

function noteOf(parts: RemoteBenchmarkParts, { original }: MeasuredFunction): OriginalNote {
  return {
    runId: parts.newRunId(),
    processId: parts.processId,
    region: parts.region,
    functionName: original.name,
    functionArn: original.arn,
    memoryMiB: original.memoryMiB,
    description: original.description,
    variables: original.variables,
  };
}

/** What is found on the way: an error does not take it along. */
function noFindings({ budgetUsd }: BenchmarkSettings) {
  const samples: Sample[] = [];
  const givenUp: Setup[] = [];
  return { samples, givenUp, budget: createBudget(budgetUsd) };
}

function measureInto(
  { samples, givenUp, budget }: ReturnType<typeof noFindings>,
  { region, clock, signal, createClient, writeLine }: RemoteBenchmarkParts,
  { settings, measured: { original }, files }: BenchmarkWork,
  runId: string,
) {
  const client = createClient({ region, timeoutSeconds: original.timeoutSeconds });
  const planned = plannedCalls(settings);
  return measure({
    settings,
    client,
    control: createFunctionControl({ clock, signal, client, functionName: original.name }),
    original,
    runId,
    budget,
    clock,
    signal,
    onPublish: (setup) => writeLine(`… publishing a version with ${setupName(setup)}`),
    onSample(sample) {
      samples.push(sample);
      files.add(sample);
      const progress = { done: samples.length, planned, spentUsd: budget.spentUsd };
      writeLine(sampleLine(sample, progress));
    },
    onGivenUp(setup) {
      givenUp.push(setup);
      writeLine(`${setupName(setup)} is given up: it failed time after time`);
    },
  });
}

const endingLines: Readonly<Record<ReportEnding, string | undefined>> = {
  whole: undefined,
  budget: "stopped: the next call could pass BUDGET_USD",
  interrupted:
    "interrupted: putting the function back … (Ctrl-C now leaves that to the next `make benchmark-remote`)",
  failed: "failed: putting the function back …",
};

type Attempt<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "failed"; readonly error: unknown };

async function attempted<Value>(work: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { kind: "done", value: await work() };
  } catch (error) {
    return { kind: "failed", error };
  }
}

function endingOf(measurement: Attempt<ReportEnding>, signal: AbortSignal): ReportEnding {
  if (measurement.kind === "done") return measurement.value;
  return signal.aborted ? "interrupted" : "failed";
}

/** Reasons as one; what nobody foresaw goes before them, with its stack. */
function throwFailures(attempts: readonly (Attempt<unknown> | undefined)[]): void {
  const errors = attempts.flatMap((attempt) => (attempt?.kind === "failed" ? [attempt.error] : []));
  const unforeseen = errors.find((error) => !isReason(error));
  if (errors.length === 0) return;
  if (unforeseen !== undefined) throw unforeseen;
  throw new UserError(errors.map((error) => (error as Error).message).join("\n\n"));
}
