import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { applyEdits, editedText } from "../../../../../scripts/build/engine/apply-edits.ts";
import {
  type EngineEdit,
  editsFor,
  engineEdits,
  type ReplaceText,
} from "../../../../../scripts/build/engine/engine-edits.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
let trees = 0;

/** Text around the places that the edits look for, of our own making. */
const untouched: Readonly<Record<string, string>> = {
  "src/ggml-bitnet-mad.cpp":
    "int8_t * y_col = y + col;\n#elif NEON\nconst int8_t * y_col = y + col;\n",
  "3rdparty/llama.cpp/ggml/src/ggml.c":
    "int n_passed = load();\nwhile (load() == n_passed) {\n    relax();\n}\n",
};

function makeTree(files: Readonly<Record<string, string>> = untouched): string {
  const root = join(folder, `tree-${++trees}`);
  mkdirSync(join(root, "include"), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const named = (name: string) => engineEdits.find((edit) => edit.name === name) as ReplaceText;

describe("editsFor", () => {
  it.each([
    ["x86_64", ["P1", "P2", "P5"]],
    ["arm64", ["P1", "P5"]],
  ] as const)("is what the pin for %s needs", (architecture, names) => {
    expect(editsFor(architecture).map(({ name }) => name)).toEqual(names);
  });
});

describe("applyEdits", () => {
  it("makes every edit, and a second time none", () => {
    const tree = makeTree();

    const first = applyEdits(tree, editsFor("x86_64"));
    const read = () => Object.keys(untouched).map((name) => readFileSync(join(tree, name), "utf8"));
    const edited = read();
    const second = applyEdits(tree, editsFor("x86_64"));

    expect([...first.values()]).toEqual(["made", "made", "made"]);
    expect([...second.values()]).toEqual(["already made", "already made", "already made"]);
    expect(read()).toEqual(edited);
    expect(readFileSync(join(tree, "include/bitnet-lut-kernels.h"), "utf8")).toBe("");
  });

  it("leaves an edited file alone when an edit fails", () => {
    const name = "src/ggml-bitnet-mad.cpp";
    const tree = makeTree({ ...untouched, [name]: "int8_t * y_col;\nint8_t * y_col;\n" });

    expect(() => applyEdits(tree, [named("P2")])).toThrow(/found 2 times/);
    expect(readFileSync(join(tree, name), "utf8")).toBe("int8_t * y_col;\nint8_t * y_col;\n");
  });
});

describe("editedText", () => {
  it("adds the const where it is missing, and only there", () => {
    const text = untouched["src/ggml-bitnet-mad.cpp"];

    expect(editedText(named("P2"), text)).toBe(
      "const int8_t * y_col = y + col;\n#elif NEON\nconst int8_t * y_col = y + col;\n",
    );
  });

  it("lets a waiting thread yield now and then", () => {
    const text = editedText(named("P5"), untouched["3rdparty/llama.cpp/ggml/src/ggml.c"]);

    expect(text).toMatch(/== n_passed\) \{\n.*_Thread_local.*\n.*sched_yield\(\);\n {4}relax/);
  });

  it.each<[string, EngineEdit, string | undefined, RegExp]>([
    ["a file that is gone", named("P5"), undefined, /the file is not there/],
    [
      "an anchor that is gone",
      named("P5"),
      "while (waiting) {\n}",
      /found 0 times.*ENGINE_SUBMODULE_COMMIT_X86_64/s,
    ],
    ["an anchor found twice", named("P5"), "== n_passed) {\n== n_passed) {\n", /found 2 times/],
    [
      "an edit half made",
      named("P2"),
      "const int8_t * y_col;",
      /found 0 times.*ENGINE_COMMIT_X86_64/s,
    ],
    [
      "an edit made, and its anchor there again",
      named("P2"),
      "const int8_t * y_col; const int8_t * y_col; int8_t * y_col; int8_t * y_col",
      /found 2 times/,
    ],
    ["a generated header", named("P1"), "#pragma once", /the source brings the file along/],
  ])("stops at %s, and says which pin moved", (_case, edit, text, message) => {
    expect(() => editedText(edit, text)).toThrow(message);
    expect(() => editedText(edit, text)).toThrow("container/pins.env");
  });

  it.each(engineEdits.map((edit) => [edit.name, edit] as const))(
    "does not find the place of %s in its own text",
    (_name, edit) => {
      const once = editedText(edit, untouched[edit.file]);

      expect(editedText(edit, once)).toBe(once);
    },
  );
});
