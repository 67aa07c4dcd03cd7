import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Architecture, architectures } from "../../../model/architecture.ts";
import { UserError } from "../../../model/user-error.ts";

/** A change that the pinned source needs. */
export interface EngineEdit {
  /** Its name in messages and documentation. */
  readonly name: string;
  readonly architectures: readonly Architecture[];
  /** From the root of the source tree. */
  readonly file: string;
  readonly reason: string;
  /** Where it was reported upstream. */
  readonly upstream: string;
  /** Must be found exactly once; a few words. Absent: the edit creates an empty file. */
  readonly anchor?: RegExp;
  readonly replacement?: string;
  /** Found so many times once the edit is made, when the anchor is gone. */
  readonly done?: { readonly text: RegExp; readonly times: number };
}

/** All edits, in order. Not patch files, which carry upstream's text and fail at a changed space. */
export const engineEdits: readonly EngineEdit[] = [
  {
    name: "P1",
    architectures,
    file: "include/bitnet-lut-kernels.h",
    reason: "cmake stops without the header of the lookup-table kernels, which I2_S does not use",
    upstream: "https://github.com/microsoft/BitNet/issues/378",
  },
  {
    name: "P2",
    architectures: ["x86_64"],
    file: "src/ggml-bitnet-mad.cpp",
    anchor: /(?<!const )int8_t \* y_col\b/g,
    replacement: "const int8_t * y_col",
    // The branch for NEON has it of its own.
    done: { text: /const int8_t \* y_col\b/g, times: 2 },
    reason: "a pointer to const is stored in a pointer to non-const, which clang refuses",
    upstream: "https://github.com/microsoft/BitNet/issues/492",
  },
  {
    name: "P5",
    architectures,
    file: "3rdparty/llama.cpp/ggml/src/ggml.c",
    anchor: /== n_passed\) \{\n(?! *static)/g,
    replacement: [
      "== n_passed) {",
      "        static _Thread_local unsigned bitnet_lambda_spins;",
      "        if (++bitnet_lambda_spins % 1024 == 0) sched_yield();",
      "",
    ].join("\n"),
    done: { text: /bitnet_lambda_spins % 1024/g, times: 1 },
    reason:
      "the barrier spins without yielding: with one thread more than processors, decoding was measured 100 times slower",
    upstream: "not reported; measured by this project",
  },
];

/** The edits for one architecture, in order. */
export function editsFor(architecture: Architecture): readonly EngineEdit[] {
  return engineEdits.filter((edit) => edit.architectures.includes(architecture));
}

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
  const outcomes = edits.map((edit): [string, EditOutcome] => {
    const path = join(sourceFolder, edit.file);
    const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    const after = editedText(edit, before);
    if (after === before) return [edit.name, "already made"];
    writeFileSync(path, after);
    return [edit.name, "made"];
  });
  return new Map(outcomes);
}

/**
 * A file's text (`undefined`: there is no such file) after an edit; the same when it is made already.
 *
 * @throws UserError when the source is another than the edit was written for
 */
export function editedText(edit: EngineEdit, text: string | undefined): string {
  const { anchor, replacement = "", done } = edit;
  if (anchor === undefined) {
    if (!text) return "";
    throw failed(edit, "the source brings the file along now");
  }
  if (text === undefined) throw failed(edit, "the file is not there");
  const found = countOf(text, anchor);
  if (found === 1) return text.replace(anchor, () => replacement);
  if (found === 0 && done && countOf(text, done.text) === done.times) return text;
  throw failed(edit, `its anchor ${anchor.source} was found ${found} times, not once`);
}

const countOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

function failed({ name, file, reason, upstream, ...edit }: EngineEdit, what: string): UserError {
  const submodule = file.startsWith("3rdparty/") ? "SUBMODULE_" : "";
  const pins = edit.architectures.map((each) => `ENGINE_${submodule}COMMIT_${each.toUpperCase()}`);
  return new UserError(
    `edit ${name} of ${file}: ${what}.\nIt is needed because ${reason} (${upstream}).\nThe source is not the one this edit was written for. Did ${pins.join(", ")} move in container/pins.env? Then look at scripts/build/engine/engine-edits.ts.`,
  );
}
