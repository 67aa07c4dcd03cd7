import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pinsPath, withPins } from "../../../../../model/pins.ts";
import { engineEdits } from "../../../../../scripts/build/engine/engine-edits.ts";
import {
  imageSources,
  imageTag,
  resolveImageInputs,
} from "../../../../../scripts/build/image/image-inputs.ts";
import { parseSetupSettings } from "../../../../../scripts/build/setup-settings.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const root = process.cwd();
const text = readFileSync(pinsPath, "utf8");
const tree = join(folder, "engine");
const model = join(folder, "mine.gguf");

beforeAll(() => {
  for (const path of imageSources) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `our ${path}`);
  }
  mkdirSync(tree);
  writeFileSync(join(tree, "ggml.c"), "int main;");
  writeFileSync(model, "weights");
  process.chdir(folder);
});
afterAll(() => process.chdir(root));

interface Changes {
  readonly pins?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The inputs of an image from the repository's pins with changes. */
function inputsOf({ pins = {}, environment = {} }: Changes) {
  const PINS = join(folder, "pins.env");
  writeFileSync(PINS, withPins(text, pins));
  return resolveImageInputs(parseSetupSettings({ PINS, ...environment }));
}

const tagOf = async (changes: Changes = {}) => imageTag(await inputsOf(changes));

describe("resolveImageInputs", () => {
  it("names the model after its repository, or after the user's file", async () => {
    expect((await inputsOf({})).modelName).toBe("bitnet-b1.58-2B-4T");
    expect((await inputsOf({ environment: { BITNET_MODEL: model } })).modelName).toBe("mine");
  });
});

describe("imageTag", () => {
  it("is the same for the same inputs, and begins with the architecture", async () => {
    const environment = { ARCH: "aarch64" };

    expect(await tagOf()).toMatch(/^x86_64-[0-9a-f]{16}$/);
    expect(await tagOf({ environment })).toMatch(/^arm64-[0-9a-f]{16}$/);
    expect(await tagOf({ environment })).toBe(await tagOf({ environment }));
  });

  it.each([
    ["the engine's commit", { ENGINE_COMMIT_X86_64: "1".repeat(40) }],
    ["the submodule's commit", { ENGINE_SUBMODULE_COMMIT_X86_64: "1".repeat(40) }],
    ["the compiler", { COMPILER_VERSION: "19.1.8" }],
    ["the model", { MODEL_SHA256: "1".repeat(64) }],
    ["a base image", { RUNTIME_BASE_DIGEST_X86_64: `sha256:${"1".repeat(64)}` }],
  ])("changes with the pin of %s", async (_case, pins) => {
    expect(await tagOf({ pins })).not.toBe(await tagOf());
  });

  it("does not change with the other architecture's engine", async () => {
    expect(await tagOf({ pins: { ENGINE_COMMIT_ARM64: "1".repeat(40) } })).toBe(await tagOf());
  });

  it.each(imageSources)("changes with a byte of %s", async (path) => {
    const before = await tagOf();

    writeFileSync(path, `${readFileSync(path, "utf8")}.`);

    expect(await tagOf()).not.toBe(before);
  });

  it.each(["anchor", "replacement", "reason"])("changes with an edit's %s", async (field) => {
    const before = await tagOf();
    const edit = engineEdits.find(({ name }) => name === "P2") as unknown as Record<
      string,
      unknown
    >;
    const value = edit[field];

    edit[field] = value instanceof RegExp ? /other/g : "other";
    const after = await tagOf();
    edit[field] = value;

    expect(after).not.toBe(before);
  });

  it("changes with the embedding's type", async () => {
    expect(await tagOf({ environment: { EMBEDDING_TYPE: "F16" } })).not.toBe(await tagOf());
  });

  it("changes with the system prompt whose state goes in", async () => {
    const environment = { BITNET_SYSTEM_PROMPT: "Be brief." };

    expect(await tagOf({ environment })).not.toBe(await tagOf());
  });

  it("changes with a bit of the user's own model", async () => {
    const environment = { BITNET_MODEL: model };
    const before = await tagOf({ environment });

    writeFileSync(model, "weightr");

    expect(await tagOf({ environment })).not.toBe(before);
  });

  it.each([".git", "build", "models", "3rdparty/llama.cpp/.git"])(
    "does not change with what lies in %s of the user's own source",
    async (name) => {
      const before = await tagOf({ environment: { ENGINE_SOURCE: tree } });

      mkdirSync(join(tree, name), { recursive: true });
      writeFileSync(join(tree, name, "file"), "text");

      expect(await tagOf({ environment: { ENGINE_SOURCE: tree } })).toBe(before);
    },
  );

  it("changes with the user's own source, wherever it lies", async () => {
    const before = await tagOf({ environment: { ENGINE_SOURCE: tree } });
    const other = join(folder, "elsewhere");
    mkdirSync(other);
    copyFileSync(join(tree, "ggml.c"), join(other, "ggml.c"));

    expect(await tagOf({ environment: { ENGINE_SOURCE: other } })).toBe(before);
    writeFileSync(join(other, "ggml.c"), "int main();");
    expect(await tagOf({ environment: { ENGINE_SOURCE: other } })).not.toBe(before);
  });
});
