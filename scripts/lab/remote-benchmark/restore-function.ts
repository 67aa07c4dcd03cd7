import { rmSync } from "node:fs";
import { UserError } from "../../../model/user-error.ts";
import { isReason } from "../../cli/command-line.ts";
import { type FunctionControl, updateOf } from "./function-control.ts";
import { isSame } from "./function-state.ts";
import { type OriginalNote, writePrivately } from "./original-note.ts";

/** What a restoration stands on. */
export interface Restoration {
  readonly control: FunctionControl;
  readonly note: OriginalNote;
  readonly notePath: string;
  readonly writeLine: (line: string) => void;
}

/** The beginning of the description of all that a benchmark makes. */
export const benchmarkMark = "make benchmark-remote";

/** The same for one run. */
export function runMark(runId: string): string {
  return `${benchmarkMark} ${runId} `;
}

/**
 * Puts back what a benchmark has changed: the configuration of `$LATEST`, unless somebody else has
 * changed it since, and no version of the run is left. Then the note goes.
 *
 * @throws UserError that says what to run by hand, when something of it fails; the note stays
 */
export async function restoreFunction(restoration: Restoration): Promise<void> {
  const { control, note, notePath, writeLine } = restoration;
  // When it cannot be asked, the restoration itself tells why.
  const isGone = !(await control.exists().catch(() => true));
  if (isGone) {
    rmSync(notePath, { force: true });
    return writeLine(`${note.functionName} is gone: there is nothing to put back`);
  }
  const problems = [
    ...(await problemsOf(() => restoreConfiguration(restoration), configurationByHand(note))),
    ...(await problemsOf(() => deleteVersions(restoration), versionsByHand(note))),
  ];
  const commandPath = byHandPath(notePath);
  if (problems.length > 0) {
    const input = { FunctionName: note.functionArn, ...updateOf(note) };
    writePrivately(commandPath, JSON.stringify(input, null, 2));
    throw new UserError(
      [
        `${note.functionName} IS NOT AS IT WAS BEFORE the benchmark. The next \`${benchmarkMark}\` tries again; by hand:`,
        ...problems.map((problem) => problem.replaceAll("FILE", commandPath)),
      ].join("\n"),
    );
  }
  rmSync(commandPath, { force: true });
  rmSync(notePath, { force: true });
  writeLine(`no version of the benchmark is left of ${note.functionName}`);
}

/** Where the original is as the input of AWS's command line. */
function byHandPath(notePath: string): string {
  return notePath.replace(/\.json$/, ".restore.json");
}

async function restoreConfiguration({ control, note, writeLine }: Restoration): Promise<void> {
  const current = await control.settled();
  const isOurs = current.description.startsWith(runMark(note.runId));
  if (isOurs) {
    await control.change(current, note);
    const restored = await control.settled();
    if (!isSame(restored, note)) throw new UserError("AWS took the change, but did not make it");
  }
  writeLine(
    isOurs || isSame(current, note)
      ? `the configuration of ${note.functionName} is as it was before`
      : `somebody else has changed ${note.functionName} since: its configuration is kept`,
  );
}

async function deleteVersions({ control, note }: Restoration): Promise<void> {
  const left = await control.versionsDescribed(runMark(note.runId));
  const failed: string[] = [];
  let reason: unknown;
  for (const version of left) {
    await control.deleteVersion(version).catch((error: unknown) => {
      failed.push(version);
      reason = error;
    });
  }
  if (failed.length === 0) return;
  const why = reason instanceof Error ? reason.message : String(reason);
  throw new UserError(`versions ${failed.join(", ")} are left: ${why}`);
}

async function problemsOf(restore: () => Promise<void>, byHand: string): Promise<string[]> {
  try {
    await restore();
    return [];
  } catch (error) {
    if (!isReason(error)) throw error;
    return [`  ${error.message.replaceAll("\n", "\n  ")}`, `    ${byHand}`];
  }
}

function configurationByHand({ region }: OriginalNote): string {
  return `aws lambda update-function-configuration --region ${region} --cli-input-json file://FILE`;
}

/** Every version of the run, and no other: they carry its mark. */
function versionsByHand({ region, functionArn, runId }: OriginalNote): string {
  const options = `--region ${region} --function-name ${functionArn}`;
  const query = `Versions[?starts_with(Description, '${runMark(runId)}')].Version`;
  return [
    `for version in $(aws lambda list-versions-by-function ${options} --query "${query}" --output text); do`,
    `aws lambda delete-function ${options} --qualifier "$version"; done`,
  ].join(" ");
}
