import { type Architecture, architectures } from "../../../model/architecture.ts";

/** A change that the pinned source needs. */
export type EngineEdit = CreateFile | ReplaceText;

interface EditFacts {
  /** Its name in messages and documentation. */
  readonly name: string;
  readonly architectures: readonly Architecture[];
  /** From the root of the source tree. */
  readonly file: string;
  readonly reason: string;
  /** Where it was reported upstream. */
  readonly upstream: string;
}

/** An empty file that upstream expects to be generated. */
export interface CreateFile extends EditFacts {
  readonly kind: "create-empty";
}

/** A replacement in one place of a file. */
export interface ReplaceText extends EditFacts {
  readonly kind: "replace";
  /** Must be found exactly once; a few words. */
  readonly anchor: RegExp;
  readonly replacement: string;
  /** Found so many times once the edit is made, when the anchor is gone. */
  readonly done: { readonly text: RegExp; readonly times: number };
}

/** All edits, in order. Not patch files, which carry upstream's text and fail at a changed space. */
export const engineEdits: readonly EngineEdit[] = [
  {
    name: "P1",
    kind: "create-empty",
    architectures,
    file: "include/bitnet-lut-kernels.h",
    reason: "cmake stops without the header of the lookup-table kernels, which I2_S does not use",
    upstream: "https://github.com/microsoft/BitNet/issues/378",
  },
  {
    name: "P2",
    kind: "replace",
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
    kind: "replace",
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
