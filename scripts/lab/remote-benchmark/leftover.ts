import { UserError } from "../../../model/user-error.ts";
import { type RemoteBenchmarkParts, restoringControl } from "./benchmark-parts.ts";
import type { OriginalNote } from "./original-note.ts";
import { restoreFunction } from "./restore-function.ts";

/** Says that a run which was killed, or could not put it back, has left a function changed. */
export function tellOfLeftover(
  { writeLine }: RemoteBenchmarkParts,
  { functionName }: OriginalNote,
): void {
  writeLine(
    `a run before has left ${functionName} changed: without DRY_RUN=1 it is put back first`,
  );
}

/** Puts back what a run before has left. @throws UserError when that run is still under way */
export async function restoreLeftover(
  parts: RemoteBenchmarkParts,
  note: OriginalNote,
): Promise<void> {
  const { notePath, processId, isRunning, writeLine } = parts;
  if (note.processId !== processId && isRunning(note.processId)) {
    throw new UserError(
      `process ${note.processId} is measuring ${note.functionName}: wait for it, or stop it (kill ${note.processId}). If that process is something else, set "processId" to 0 in ${notePath}`,
    );
  }
  writeLine(`a run before has left ${note.functionName} changed: putting it back …`);
  await restoreFunction({ control: restoringControl(parts, note), note, notePath, writeLine });
}
