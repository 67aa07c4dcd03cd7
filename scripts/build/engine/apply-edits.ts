import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../model/user-error.ts";
import type { EngineEdit, ReplaceText } from "./engine-edits.ts";

/** The outcome of one edit. */
export type EditOutcome = "made" | "already made";

/**
 * Makes the edits in a source tree. A file that is edited already stays as it is.
 *
 * @throws UserError when an edit's anchor is not found exactly once: its file stays as it was
 */
export function applyEdits(
  sourceFolder: string,
  edits: readonly EngineEdit[],
): ReadonlyMap<string, EditOutcome> {
  return new Map(edits.map((edit) => [edit.name, applyEdit(sourceFolder, edit)]));
}

function applyEdit(sourceFolder: string, edit: EngineEdit): EditOutcome {
  const path = join(sourceFolder, edit.file);
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  const after = editedText(edit, before);
  if (after === before) return "already made";
  writeFileSync(path, after);
  return "made";
}

/**
 * A file's text after an edit; the same text when the edit is already made.
 *
 * @param text `undefined` when there is no such file
 * @throws UserError
 */
export function editedText(edit: EngineEdit, text: string | undefined): string {
  if (edit.kind === "create-empty") {
    if (!text) return "";
    throw failed(edit, "the source brings the file along now");
  }
  if (text === undefined) throw failed(edit, "the file is not there");
  const found = countOf(text, edit.anchor);
  if (found === 1) return text.replace(edit.anchor, () => edit.replacement);
  if (found === 0 && isDone(edit, text)) return text;
  throw failed(edit, `its anchor ${edit.anchor.source} was found ${found} times, not once`);
}

function isDone({ done }: ReplaceText, text: string): boolean {
  return countOf(text, done.text) === done.times;
}

const countOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

function failed(edit: EngineEdit, what: string): UserError {
  const pins = edit.architectures.map((name) => pinKey(edit, name.toUpperCase())).join(", ");
  return new UserError(
    `edit ${edit.name} of ${edit.file}: ${what}.\nIt is needed because ${edit.reason} (${edit.upstream}).\nThe source is not the one this edit was written for. Did ${pins} move in container/pins.env? Then look at scripts/build/engine/engine-edits.ts.`,
  );
}

/** The pin of the repository that a file belongs to. */
function pinKey({ file }: EngineEdit, architecture: string): string {
  const submodule = file.startsWith("3rdparty/") ? "SUBMODULE_" : "";
  return `ENGINE_${submodule}COMMIT_${architecture}`;
}
