import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  applyEdits,
  editedText,
  editsFor,
  engineEdits,
} from "../../../../../scripts/build/engine/engine-edits.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const tree = temporaryFolder();
const kernel = "src/ggml-bitnet-mad.cpp";
const barrier = "3rdparty/llama.cpp/ggml/src/ggml.c";

/** Text around the places that the edits look for, of our own making. */
const untouched: Readonly<Record<string, string>> = {
  [kernel]: "int8_t * y_col = y + col;\n#elif NEON\nconst int8_t * y_col = y + col;\n",
  [barrier]: "int n_passed = load();\nwhile (load() == n_passed) {\n    relax();\n}\n",
};
const namesOf = (edits: typeof engineEdits) => edits.map(({ name }) => name).join();
const read = (file: string) => readFileSync(join(tree, file), "utf8");

beforeEach(() => {
  mkdirSync(join(tree, "include"), { recursive: true });
  for (const [name, text] of Object.entries(untouched)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), text);
  }
});

describe("applyEdits", () => {
  it("makes every edit of an architecture in its place, and a second time none", () => {
    const first = applyEdits(tree, editsFor("x86_64"));
    const edited = [read(kernel), read(barrier), read("include/bitnet-lut-kernels.h")];
    const second = applyEdits(tree, editsFor("x86_64"));

    expect([namesOf(editsFor("x86_64")), namesOf(editsFor("arm64"))]).toEqual([
      "P1,P2,P5",
      "P1,P5",
    ]);
    expect([...first.values()]).toEqual(["made", "made", "made"]);
    expect([...second.values()]).toEqual(["already made", "already made", "already made"]);
    expect(edited).toEqual([
      "const int8_t * y_col = y + col;\n#elif NEON\nconst int8_t * y_col = y + col;\n",
      expect.stringMatching(/== n_passed\) \{\n.*_Thread_local.*\n.*sched_yield\(\);\n {4}relax/),
      "",
    ]);
    expect([read(kernel), read(barrier), read("include/bitnet-lut-kernels.h")]).toEqual(edited);
  });

  it("leaves a file alone when its edit fails", () => {
    const text = "int8_t * y_col;\nint8_t * y_col;\n";
    writeFileSync(join(tree, kernel), text);

    expect(() => applyEdits(tree, editsFor("x86_64"))).toThrow(/found 2 times/);
    expect(read(kernel)).toBe(text);
  });
});

test.each([
  ["a file that is gone", "P2", undefined, /the file is not there/],
  ["a lost anchor", "P5", "while (waiting) {\n}", /found 0 times.*ENGINE_SUBMODULE_COMMIT_X86_64/s],
  ["an anchor found twice", "P5", "== n_passed) {\n== n_passed) {\n", /found 2 times/],
  ["an edit half made", "P2", "const int8_t * y_col;", /found 0 times.*ENGINE_COMMIT_X86_64/s],
  [
    "an edit made, and its anchor there again",
    "P2",
    "const int8_t * y_col; const int8_t * y_col; int8_t * y_col; int8_t * y_col",
    /found 2 times/,
  ],
  ["a generated header", "P1", "#pragma once", /the source brings the file along/],
])("editedText stops at %s, and says which pin moved", (_case, name, text, message) => {
  const [edit] = engineEdits.filter((candidate) => candidate.name === name);
  if (!edit) throw new Error(name);

  expect(() => editedText(edit, text)).toThrow(message);
  expect(() => editedText(edit, text)).toThrow("container/pins.env");
});
