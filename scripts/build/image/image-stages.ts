import { resolve } from "node:path";
import { containerArchitecture } from "../../../model/architecture.ts";
import { buildArguments } from "./build-arguments.ts";
import type { BuildContext, StageBuild } from "./container-builder.ts";
import type { ImageInputs } from "./image-inputs.ts";
import { promptCacheFiles } from "./image-layers.ts";
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
      PROMPT_CACHE: systemPrompt === "" ? "" : promptCacheFiles[0],
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
