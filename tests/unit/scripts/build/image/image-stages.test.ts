import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Architecture } from "../../../../../model/architecture.ts";
import { parsePins, pinsPath, withPins } from "../../../../../model/pins.ts";
import { buildArguments } from "../../../../../scripts/build/image/build-arguments.ts";
import type { ImageInputs } from "../../../../../scripts/build/image/image-inputs.ts";
import { imageStages, modelStage } from "../../../../../scripts/build/image/image-stages.ts";
import { parseSetupSettings } from "../../../../../scripts/build/setup-settings.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const pinsWith = (...digests: string[]) => {
  const keys = ["BUILD", "RUNTIME"].flatMap((role) => [
    `${role}_BASE_DIGEST_X86_64`,
    `${role}_BASE_DIGEST_ARM64`,
  ]);
  const values = Object.fromEntries(keys.map((key, at) => [key, digests[at] ?? "unknown"]));
  return parsePins(withPins(readFileSync(pinsPath, "utf8"), values));
};
const pinned = pinsWith(...["1", "2", "3", "4"].map(digest));
const unpinned = pinsWith();

const argumentsFor = (host: Architecture, target: Architecture, allows = false, pins = pinned) =>
  buildArguments({ pins, host, settings: { ALLOW_UNPINNED_BASES: allows } }, target);

/** What goes into an image for an architecture, built on x86_64. */
function inputsFor(architecture: Architecture, systemPrompt = ""): ImageInputs {
  return {
    architecture,
    host: "x86_64",
    settings: parseSetupSettings({}),
    pins: pinned,
    modelName: "a-model",
    modelSha256: "0".repeat(64),
    systemPrompt,
    files: [],
  };
}

describe("buildArguments", () => {
  it("builds and checks on this machine's processor, for the target's", () => {
    expect(argumentsFor("x86_64", "arm64")).toMatchObject({
      BUILD_BASE: `docker.io/library/debian@${digest("1")}`,
      GATE_BASE: `public.ecr.aws/lambda/nodejs@${digest("3")}`,
      RUNTIME_BASE: `public.ecr.aws/lambda/nodejs@${digest("4")}`,
      BUILD_PLATFORM: "linux/amd64",
      TARGET_PLATFORM: "linux/arm64",
      ARCH: "arm64",
      RUNNER: "qemu-aarch64-static",
      COMPILER: "19",
      COMPILER_VERSION: "19.1.7",
    });
  });

  const native = "clang-19 cmake make binutils libc6-dev libstdc++-12-dev";

  it.each([
    ["x86_64", "x86_64", native, ""],
    ["arm64", "arm64", native, ""],
    [
      ...["x86_64", "arm64"],
      `${native} binutils-aarch64-linux-gnu libc6-dev-arm64-cross libstdc++-12-dev-arm64-cross libgcc-12-dev-arm64-cross qemu-user-static`,
      "qemu-aarch64-static",
    ],
    [
      ...["arm64", "x86_64"],
      `${native} binutils-x86-64-linux-gnu libc6-dev-amd64-cross libstdc++-12-dev-amd64-cross libgcc-12-dev-amd64-cross qemu-user-static`,
      "qemu-x86_64-static",
    ],
  ] as [Architecture, Architecture, string, string][])(
    "compiles on %s for %s",
    (host, target, PACKAGES, RUNNER) => {
      expect(argumentsFor(host, target)).toMatchObject({ PACKAGES, RUNNER });
    },
  );

  it("refuses a base image that is not pinned, and says how to pin it", () => {
    expect(() => argumentsFor("x86_64", "x86_64", false, unpinned)).toThrow(
      /docker\.io\/library\/debian.* is not pinned.*make pins.*ALLOW_UNPINNED_BASES=1/s,
    );
  });

  it("takes the tag when the user allows it, and a digest where there is one", () => {
    expect(argumentsFor("x86_64", "x86_64", true, unpinned).RUNTIME_BASE).toBe(
      "public.ecr.aws/lambda/nodejs:24",
    );
    expect(argumentsFor("x86_64", "x86_64", true).RUNTIME_BASE).toContain("@sha256:");
  });
});

describe("modelStage", () => {
  const summary = {
    name: "",
    layers: 1,
    contextTokens: 1,
    vocabulary: 1,
    tensorTypes: {},
    embeddingType: "F16",
    lacksPreTokenizer: true,
    bytes: 1,
  };
  const preparation = {
    model: { path: "/m.gguf", sha256: "", summary },
    embeddingType: "Q6_K",
    overrides: "--override-kv x",
    path: "prepared.gguf",
  };

  it.each([
    { architecture: "x86_64", programs: "llama-cli llama-server llama-quantize" },
    { architecture: "arm64", programs: "llama-quantize" },
  ] as const)("uses the x86_64 quantizer for $architecture", ({ architecture, programs }) => {
    const stage = modelStage(inputsFor(architecture), "/engine", preparation, "temp/out");

    expect(stage).toMatchObject({
      stage: "model",
      platform: "linux/amd64",
      context: { engineFolder: "/engine", files: { "source.gguf": "/m.gguf" }, texts: {} },
      result: { folder: resolve("temp/out") },
    });
    expect(stage.buildArguments).toMatchObject({
      ARCH: "x86_64",
      TARGET_PLATFORM: "linux/amd64",
      EMBEDDING_TYPE: "Q6_K",
      OVERRIDES: "--override-kv x",
      PROGRAMS: programs,
    });
  });
});

describe("imageStages", () => {
  it("ends every check before the stage that makes the image", () => {
    const stages = imageStages(inputsFor("arm64"), "/engine", "/m.gguf", "i:1");

    expect(stages.map(({ stage, result }) => [stage, result])).toEqual([
      ["tools", undefined],
      ["compile", undefined],
      ["gate", undefined],
      ["prompt-cache", undefined],
      ["image", { image: "i:1" }],
    ]);
    expect(new Set(stages.map(({ context }) => context)).size).toBe(1);
    expect(new Set(stages.map(({ platform }) => platform))).toEqual(new Set(["linux/arm64"]));
  });

  it.each([
    { systemPrompt: "", promptCache: "" },
    { systemPrompt: "Be\nbrief, $HOME.", promptCache: "/opt/bitnet/prompt-cache/state" },
  ])("packs a prompt cache for the system prompt %j", ({ systemPrompt, promptCache }) => {
    const [stage] = imageStages(inputsFor("x86_64", systemPrompt), "/engine", "/m.gguf", "i:1");

    expect(stage?.buildArguments).toMatchObject({
      MODEL_NAME: "a-model",
      FINGERPRINT: expect.stringMatching(/^fp_[0-9a-f]{7}_[0-9a-f]{7}$/),
      PROMPT_CACHE: promptCache,
    });
    expect(stage?.context.texts).toEqual({ "prompt-cache/system-prompt": systemPrompt });
    expect(stage?.context.files["model.gguf"]).toBe("/m.gguf");
  });
});
