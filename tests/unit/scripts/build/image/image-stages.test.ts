import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Architecture } from "../../../../../model/architecture.ts";
import { parsePins, pinsPath, withPins } from "../../../../../model/pins.ts";
import type { ImageInputs } from "../../../../../scripts/build/image/image-inputs.ts";
import {
  buildArguments,
  imageStages,
  modelStage,
} from "../../../../../scripts/build/image/image-stages.ts";
import type { ModelPreparation } from "../../../../../scripts/build/image/prepared-model.ts";
import { parseSetupSettings } from "../../../../../scripts/build/setup-settings.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const pinsText = readFileSync(pinsPath, "utf8");
const bases = ["BUILD", "RUNTIME"].flatMap((role) =>
  ["X86_64", "ARM64"].map((architecture) => `${role}_BASE_DIGEST_${architecture}`),
);
const pinsWith = (digestAt: (at: number) => string) =>
  parsePins(withPins(pinsText, Object.fromEntries(bases.map((key, at) => [key, digestAt(at)]))));
const pins = pinsWith((at) => digest(String(at + 1)));
const unpinned = { pins: pinsWith(() => "unknown") };
const allowed = { settings: parseSetupSettings({ ALLOW_UNPINNED_BASES: "1" }) };

/** What goes into an image for an architecture, built on x86_64. */
function inputsFor(architecture: Architecture, more: Partial<ImageInputs> = {}): ImageInputs {
  return {
    architecture,
    host: "x86_64",
    settings: parseSetupSettings({}),
    pins,
    modelName: "a-model",
    modelSha256: "0".repeat(64),
    systemPrompt: "",
    files: [],
    ...more,
  };
}

const argumentsFor = (target: Architecture, more: Partial<ImageInputs> = {}) =>
  buildArguments(inputsFor(target, more), target);

describe("buildArguments", () => {
  it("builds and checks on this machine's processor, for the target's", () => {
    expect(argumentsFor("arm64")).toMatchObject({
      BUILD_BASE: `docker.io/library/debian@${digest("1")}`,
      GATE_BASE: `public.ecr.aws/lambda/nodejs@${digest("3")}`,
      RUNTIME_BASE: `public.ecr.aws/lambda/nodejs@${digest("4")}`,
      BUILD_PLATFORM: "linux/amd64",
      TARGET_PLATFORM: "linux/arm64",
      ARCH: "arm64",
      COMPILER: "19",
      COMPILER_VERSION: "19.1.7",
    });
  });

  const native = "clang-19 cmake make binutils libc6-dev libstdc++-12-dev";
  const crossed = (binutils: string, name: string) =>
    `${native} binutils-${binutils}-linux-gnu libc6-dev-${name}-cross libstdc++-12-dev-${name}-cross libgcc-12-dev-${name}-cross qemu-user-static`;

  it.each([
    ["x86_64", "x86_64", native, ""],
    ["arm64", "arm64", native, ""],
    ["x86_64", "arm64", crossed("aarch64", "arm64"), "qemu-aarch64-static"],
    ["arm64", "x86_64", crossed("x86-64", "amd64"), "qemu-x86_64-static"],
  ] as const)("compiles on %s for %s", (host, target, PACKAGES, RUNNER) => {
    expect(argumentsFor(target, { host })).toMatchObject({ PACKAGES, RUNNER });
  });

  it("refuses a base image that is not pinned, unless the user allows its tag", () => {
    expect(() => argumentsFor("x86_64", unpinned)).toThrow(
      /docker\.io\/library\/debian.* is not pinned.*make pins.*ALLOW_UNPINNED_BASES=1/s,
    );
    const { RUNTIME_BASE } = argumentsFor("x86_64", { ...unpinned, ...allowed });
    expect(RUNTIME_BASE).toBe("public.ecr.aws/lambda/nodejs:24");
    expect(argumentsFor("x86_64", allowed).RUNTIME_BASE).toContain("@sha256:");
  });
});

describe("modelStage", () => {
  const preparation = {
    model: { path: "/m.gguf" },
    embeddingType: "Q6_K",
    overrides: "--override-kv x",
  } as ModelPreparation;

  it.each([
    { architecture: "x86_64", programs: "llama-cli llama-server llama-quantize" },
    { architecture: "arm64", programs: "llama-quantize" },
  ] as const)("uses the x86_64 quantizer for $architecture", ({ architecture, programs }) => {
    const stage = modelStage(inputsFor(architecture), "/engine", preparation, "temp/out");

    expect(stage).toMatchObject({
      stage: "model",
      platform: "linux/amd64",
      context: { engineFolder: "/engine", files: { "source.gguf": "/m.gguf" }, texts: {} },
      buildArguments: {
        ARCH: "x86_64",
        TARGET_PLATFORM: "linux/amd64",
        EMBEDDING_TYPE: "Q6_K",
        OVERRIDES: "--override-kv x",
        PROGRAMS: programs,
      },
      result: { folder: resolve("temp/out") },
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
    const [stage] = imageStages(inputsFor("x86_64", { systemPrompt }), "/engine", "/m.gguf", "i:1");

    expect(stage).toMatchObject({
      buildArguments: {
        MODEL_NAME: "a-model",
        FINGERPRINT: expect.stringMatching(/^fp_[0-9a-f]{7}_[0-9a-f]{7}$/),
        PROMPT_CACHE: promptCache,
      },
      context: {
        texts: { "prompt-cache/system-prompt": systemPrompt },
        files: { "model.gguf": "/m.gguf" },
      },
    });
  });
});

test("the Dockerfile's last stage adds the engine, the model, the state and the handler only", () => {
  const stages = readFileSync("container/Dockerfile", "utf8").split(/^FROM /m);
  const added = (text = "") => text.match(/^(COPY|ADD|RUN) .*/gm) ?? [];
  const [bin, state] = ["/opt/bitnet/bin", "/opt/bitnet/prompt-cache"];

  expect(added(stages.at(-1))).toEqual([
    "COPY --chmod=0644 model.gguf /opt/bitnet/model.gguf",
    `COPY --from=gate --chmod=0755 ${bin} ${bin}`,
    `COPY --from=prompt-cache --chmod=0755 ${state} ${state}`,
    "COPY --chmod=0644 handler.mjs /var/task/handler.mjs",
  ]);
  expect(added(stages.join("")).filter((line) => line.endsWith(` ${bin}/`))).toEqual([
    `COPY --from=compile /engine/llama-cli /engine/llama-server ${bin}/`,
  ]);
});
