import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Architecture, containerArchitecture } from "../../../model/architecture.ts";
import type { Pins } from "../../../model/pins.ts";
import { sha256OfFile } from "../../../model/verified-file.ts";
import { editsFor } from "../engine/engine-edits.ts";
import { isEngineSource } from "../engine/source-files.ts";
import type { SetupSettings } from "../setup-settings.ts";
import { contentTag, folderInputs, type ImageInput } from "./content-hash.ts";

/** Name of the image on this machine; the registry has its own. */
export const imageName = "bitnet-lambda";

/** Our own files that an image is made of, by their path from the repository's root. */
export const imageSources = [
  "container/Dockerfile",
  "container/compile-engine.sh",
  "container/gate.sh",
  "container/.dockerignore",
  "dist/handler/handler.mjs",
  "dist/gate/test-engine.mjs",
  "dist/prompt-cache/make-prompt-cache.mjs",
  "model/golden/golden.gguf",
  "model/golden/expectations.json",
] as const;

/** An image before it is built. */
export interface ImagePlan {
  readonly architecture: Architecture;
  /** `linux/amd64` or `linux/arm64`. */
  readonly platform: string;
  /** Says all that the image is made of: the same tag is the same image. */
  readonly tag: string;
  /** Name and tag. */
  readonly image: string;
  /** What the function's answers call the model. */
  readonly modelName: string;
}

/**
 * Works out an image's tag without building or fetching anything: from the pins, the edits, our own
 * files, and the bytes of what the user gave in place of pinned things. `dist/` must be built.
 */
export async function planImage(
  architecture: Architecture,
  pins: Pins,
  settings: SetupSettings,
): Promise<ImagePlan> {
  const { ENGINE_SOURCE, BITNET_MODEL, EMBEDDING_TYPE, BITNET_SYSTEM_PROMPT } = settings;
  const isSource = (root: string) => isEngineSource(root, pins.engine[architecture].submodulePath);
  const modelName = nameOfModel(pins, BITNET_MODEL);
  const inputs: ImageInput[] = [
    ["architecture", architecture],
    ["pins", JSON.stringify({ ...pins, engine: pins.engine[architecture] })],
    ["edits", JSON.stringify(editsFor(architecture), regExpAsText)],
    ["model", BITNET_MODEL ? await sha256OfFile(BITNET_MODEL) : pins.model.sha256],
    ["embedding", EMBEDDING_TYPE],
    ...imageSources.map((path): ImageInput => [path, readFileSync(path)]),
    ["model name", modelName],
    ["system prompt", BITNET_SYSTEM_PROMPT ?? ""],
    ...(ENGINE_SOURCE ? folderInputs("engine", ENGINE_SOURCE, isSource(ENGINE_SOURCE)) : []),
  ];
  const tag = `${architecture}-${contentTag(inputs)}`;
  return {
    architecture,
    platform: `linux/${containerArchitecture[architecture]}`,
    tag,
    image: `${imageName}:${tag}`,
    modelName,
  };
}

/** The published repository's name, less the file format; or the user's file's. */
function nameOfModel({ model }: Pins, givenPath: string | undefined): string {
  if (givenPath !== undefined) return basename(givenPath, ".gguf");
  return basename(model.repository).replace(/-gguf$/i, "");
}

const regExpAsText = (_key: string, value: unknown) =>
  value instanceof RegExp ? String(value) : value;
