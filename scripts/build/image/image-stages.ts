import { resolve } from "node:path";
import { type Architecture, containerArchitecture } from "../../../model/architecture.ts";
import type { BaseImage } from "../../../model/pins.ts";
import { UserError } from "../../../model/user-error.ts";
import type { BuildContext, StageBuild } from "./container-builder.ts";
import type { ImageInputs } from "./image-inputs.ts";
import type { ModelPreparation } from "./prepared-model.ts";

/**
 * The stage that prepares the model, into `model.gguf` in a folder. Always by the x86_64 quantizer,
 * since others round differently.
 */
export function modelStage(
  inputs: ImageInputs,
  engineFolder: string,
  { model, embeddingType, overrides }: ModelPreparation,
  folder: string,
): StageBuild {
  return {
    stage: "model",
    context: contextOf(inputs, engineFolder, "model", { "source.gguf": model.path }),
    platform: "linux/amd64",
    buildArguments: {
      ...buildArguments(inputs, "x86_64"),
      EMBEDDING_TYPE: embeddingType,
      OVERRIDES: overrides,
      ...(inputs.architecture !== "x86_64" && { PROGRAMS: "llama-quantize" }),
    },
    result: { folder: resolve(folder) },
  };
}

/** The stages of the image, in order; the last one makes it, from the edited engine and a model. */
export function imageStages(
  inputs: ImageInputs,
  engineFolder: string,
  modelPath: string,
  image: string,
): StageBuild[] {
  const { architecture, systemPrompt, modelName } = inputs;
  const context = contextOf(inputs, engineFolder, "image", {
    "model.gguf": modelPath,
    "handler.mjs": "dist/handler/handler.mjs",
    "gate/test-engine.mjs": "dist/gate/test-engine.mjs",
    "gate/golden.gguf": "model/golden/golden.gguf",
    "gate/expectations.json": "model/golden/expectations.json",
    "prompt-cache/make-prompt-cache.mjs": "dist/prompt-cache/make-prompt-cache.mjs",
  });
  return ["tools", "compile", "gate", "prompt-cache", "image"].map((stage) => ({
    stage,
    context,
    platform: `linux/${containerArchitecture[architecture]}`,
    buildArguments: {
      ...buildArguments(inputs, architecture),
      MODEL_NAME: modelName,
      FINGERPRINT: fingerprint(inputs),
      PROMPT_CACHE: systemPrompt === "" ? "" : "/opt/bitnet/prompt-cache/state",
    },
    result: stage === "image" ? { image } : undefined,
  }));
}

/** Engine and model, as answers name them: `fp_01eb415_4221b25`. */
function fingerprint({ architecture, pins, settings, modelSha256 }: ImageInputs): string {
  const isPinned = settings.ENGINE_SOURCE === undefined;
  const engine = isPinned ? pins.engine[architecture].commit.slice(0, 7) : "given";
  return `fp_${engine}_${modelSha256.slice(0, 7)}`;
}

function contextOf(
  { architecture, pins, systemPrompt }: ImageInputs,
  engineFolder: string,
  use: "model" | "image",
  files: Readonly<Record<string, string>>,
): BuildContext {
  return {
    folder: resolve("temp", "context", `${architecture}-${use}`),
    engineFolder,
    submodulePath: pins.engine[architecture].submodulePath,
    files,
    // A build argument would not keep every character.
    texts: use === "image" ? { "prompt-cache/system-prompt": systemPrompt } : {},
  };
}

/** The Dockerfile's arguments for an architecture. @throws UserError for an unpinned base image */
export function buildArguments(
  { host, pins, settings }: ImageInputs,
  target: Architecture,
): Record<string, string> {
  const { BUILD_BASE, RUNTIME_BASE } = pins.baseImages;
  const reference = (image: BaseImage, architecture: Architecture) =>
    baseReference(image, architecture, settings.ALLOW_UNPINNED_BASES);
  const compilerMajor = pins.compilerVersion.split(".")[0] ?? "";
  return {
    BUILD_BASE: reference(BUILD_BASE, host),
    GATE_BASE: reference(RUNTIME_BASE, host),
    RUNTIME_BASE: reference(RUNTIME_BASE, target),
    BUILD_PLATFORM: `linux/${containerArchitecture[host]}`,
    TARGET_PLATFORM: `linux/${containerArchitecture[target]}`,
    PACKAGES: buildPackages(compilerMajor, host, target).join(" "),
    ARCH: target,
    PROGRAMS: "llama-cli llama-server llama-quantize",
    COMPILER: compilerMajor,
    COMPILER_VERSION: pins.compilerVersion,
    RUNNER: host === target ? "" : cross[target].emulator,
  };
}

/** Packages and programs of Debian for another architecture than the machine's. */
const cross = {
  x86_64: { binutils: "binutils-x86-64-linux-gnu", emulator: "qemu-x86_64-static" },
  arm64: { binutils: "binutils-aarch64-linux-gnu", emulator: "qemu-aarch64-static" },
} as const satisfies Record<Architecture, unknown>;

/** Debian's packages that compile the engine, and run it when it is for another architecture. */
export function buildPackages(
  compilerMajor: string,
  host: Architecture,
  target: Architecture,
): string[] {
  const tools = ["cmake", "make", "binutils", "libc6-dev", "libstdc++-12-dev"];
  const native = [`clang-${compilerMajor}`, ...tools];
  if (host === target) return native;
  const libraries = ["libc6-dev", "libstdc++-12-dev", "libgcc-12-dev"].map(
    (name) => `${name}-${containerArchitecture[target]}-cross`,
  );
  return [...native, cross[target].binutils, ...libraries, "qemu-user-static"];
}

/** A base image by digest; by tag while the digest is unknown and the user allows that. */
function baseReference(
  { name, tag, digests }: BaseImage,
  architecture: Architecture,
  allowsUnpinned: boolean,
): string {
  const digest = digests[architecture];
  if (digest !== undefined) return `${name}@${digest}`;
  if (allowsUnpinned) return `${name}:${tag}`;
  throw new UserError(
    `${name}:${tag} is not pinned for ${architecture}.\nRun make pins, check what it wrote, and commit it. To build on what the tag points at today: ALLOW_UNPINNED_BASES=1`,
  );
}
