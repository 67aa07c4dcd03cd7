import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pinsPath, withPins } from "../../../../../model/pins.ts";
import { engineEdits } from "../../../../../scripts/build/engine/engine-edits.ts";
import { contentTag } from "../../../../../scripts/build/image/content-hash.ts";
import {
  imageSources,
  imageTag,
  resolveImageInputs,
} from "../../../../../scripts/build/image/image-inputs.ts";
import { parseSetupSettings } from "../../../../../scripts/build/setup-settings.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

type Values = Readonly<Record<string, string>>;
const folder = temporaryFolder();
const root = process.cwd();
const text = readFileSync(pinsPath, "utf8");
const tree = join(folder, "engine");
const other = join(folder, "elsewhere");
const model = join(folder, "mine.gguf");

beforeAll(() => {
  for (const path of imageSources) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `our ${path}`);
  }
  mkdirSync(join(tree, "deep", "down"), { recursive: true });
  writeFileSync(join(tree, "deep", "down", "ggml.c"), "int main;");
  cpSync(tree, other, { recursive: true });
  writeFileSync(model, "weights");
  process.chdir(folder);
});
afterAll(() => process.chdir(root));

/** The inputs of an image from the repository's pins with changes. */
function inputsOf(environment: Values = {}, pins: Values = {}) {
  const PINS = join(folder, "pins.env");
  writeFileSync(PINS, withPins(text, pins));
  return resolveImageInputs(parseSetupSettings({ PINS, ...environment }));
}

const tagOf = async (...changes: Values[]) => imageTag(await inputsOf(...changes));

test("resolveImageInputs names the model after its repository, or after the user's file", async () => {
  expect((await inputsOf()).modelName).toBe("bitnet-b1.58-2B-4T");
  expect((await inputsOf({ BITNET_MODEL: model })).modelName).toBe("mine");
});

test("contentTag keeps names and contents apart, in any order, and takes text for its bytes", () => {
  const tag = contentTag([
    ["a", "bc"],
    ["d", "ü"],
  ]);

  expect(
    contentTag([
      ["d", Buffer.from("ü")],
      ["a", "bc"],
    ]),
  ).toBe(tag);
  expect(
    contentTag([
      ["ab", "c"],
      ["d", "ü"],
    ]),
  ).not.toBe(tag);
  expect(
    contentTag([
      ["d", "bc"],
      ["a", "ü"],
    ]),
  ).not.toBe(tag);
});

describe("imageTag", () => {
  it("is the same for the same inputs, and begins with the architecture", async () => {
    expect(await tagOf()).toMatch(/^x86_64-[0-9a-f]{16}$/);
    expect(await tagOf({ ARCH: "aarch64" })).toMatch(/^arm64-[0-9a-f]{16}$/);
    expect(await tagOf({ ARCH: "aarch64" })).toBe(await tagOf({ ARCH: "aarch64" }));
    expect(await tagOf({}, { ENGINE_COMMIT_ARM64: "1".repeat(40) })).toBe(await tagOf());
    expect(await tagOf({ ENGINE_SOURCE: other })).toBe(await tagOf({ ENGINE_SOURCE: tree }));
  });

  it.each<[string, Values, Values]>([
    ["the engine's commit", {}, { ENGINE_COMMIT_X86_64: "1".repeat(40) }],
    ["the submodule's commit", {}, { ENGINE_SUBMODULE_COMMIT_X86_64: "1".repeat(40) }],
    ["the compiler", {}, { COMPILER_VERSION: "19.1.8" }],
    ["the model", {}, { MODEL_SHA256: "1".repeat(64) }],
    ["a base image", {}, { RUNTIME_BASE_DIGEST_X86_64: `sha256:${"1".repeat(64)}` }],
    ["the embedding's type", { EMBEDDING_TYPE: "F16" }, {}],
    ["the system prompt", { BITNET_SYSTEM_PROMPT: "Be brief." }, {}],
  ])("changes with %s", async (_case, environment, pins) => {
    expect(await tagOf(environment, pins)).not.toBe(await tagOf());
  });

  it.each<[string, Values]>([
    ...imageSources.map((path): [string, Values] => [path, {}]),
    ["mine.gguf", { BITNET_MODEL: model }],
    ["elsewhere/deep/down/ggml.c", { ENGINE_SOURCE: other }],
  ])("changes with a byte of %s", async (path, environment) => {
    const before = await tagOf(environment);

    writeFileSync(path, `${readFileSync(path, "utf8")}.`);

    expect(await tagOf(environment)).not.toBe(before);
  });

  it.each(["anchor", "replacement", "reason"])("changes with an edit's %s", async (field) => {
    const before = await tagOf();
    const edit: Record<string, unknown> = Object(engineEdits.find(({ name }) => name === "P2"));
    const value = edit[field];

    edit[field] = value instanceof RegExp ? /other/g : "other";
    const after = await tagOf();
    edit[field] = value;

    expect(after).not.toBe(before);
  });

  it.each([".git", "build", "models", "3rdparty/llama.cpp/.git"])(
    "does not change with what lies in %s of the user's own source",
    async (name) => {
      const before = await tagOf({ ENGINE_SOURCE: tree });

      mkdirSync(join(tree, name), { recursive: true });
      writeFileSync(join(tree, name, "file"), "text");

      expect(await tagOf({ ENGINE_SOURCE: tree })).toBe(before);
    },
  );
});
