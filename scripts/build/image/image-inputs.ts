import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Architecture, parseArchitecture } from "../../../model/architecture.ts";
import { type Pins, readPins } from "../../../model/pins.ts";
import { sha256OfFile } from "../../../model/verified-file.ts";
import { editsFor } from "../engine/engine-edits.ts";
import { isEngineSource } from "../engine/engine-source.ts";
import type { SetupSettings } from "../setup-settings.ts";
import { type ContentInput, contentTag, folderInputs } from "./content-hash.ts";

/** Our own files that an image is made of, from the repository's root. `dist/` must be built. */
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

/** All that an image is made of, known before anything is fetched or built. */
export interface ImageInputs {
  /** Of the function. Default: x86_64. */
  readonly architecture: Architecture;
  /** Of the machine that builds. */
  readonly host: Architecture;
  readonly settings: SetupSettings;
  readonly pins: Pins;
  /** Name of the model in the function's answers. */
  readonly modelName: string;
  /** As hex. */
  readonly modelSha256: string;
  /** "" for none. */
  readonly systemPrompt: string;
  /** {@link imageSources}, and the user's own engine source. */
  readonly files: readonly ContentInput[];
}

/** Reads all of an image's inputs. @throws UserError for bad pins, or an unknown architecture */
export async function resolveImageInputs(settings: SetupSettings): Promise<ImageInputs> {
  const { ARCH = "x86_64", ENGINE_SOURCE, BITNET_MODEL, BITNET_SYSTEM_PROMPT = "" } = settings;
  const architecture = parseArchitecture(ARCH);
  const pins = readPins(settings.PINS);
  const { submodulePath } = pins.engine[architecture];
  const engineFiles =
    ENGINE_SOURCE === undefined
      ? []
      : folderInputs("engine", ENGINE_SOURCE, isEngineSource(ENGINE_SOURCE, submodulePath));
  return {
    architecture,
    host: parseArchitecture(process.arch),
    settings,
    pins,
    // The published repository's name without the file format.
    modelName: BITNET_MODEL
      ? basename(BITNET_MODEL, ".gguf")
      : basename(pins.model.repository).replace(/-gguf$/i, ""),
    modelSha256: BITNET_MODEL ? await sha256OfFile(BITNET_MODEL) : pins.model.sha256,
    systemPrompt: BITNET_SYSTEM_PROMPT,
    files: [...imageSources.map((path) => [path, readFileSync(path)] as const), ...engineFiles],
  };
}

/** The image's tag: the architecture and the hash of all inputs. The same tag is the same image. */
export function imageTag(inputs: ImageInputs): string {
  const { architecture, settings, pins } = inputs;
  const tag = contentTag([
    ["architecture", architecture],
    ["pins", JSON.stringify({ ...pins, engine: pins.engine[architecture] })],
    ["edits", JSON.stringify(editsFor(architecture), regExpAsText)],
    ["model", inputs.modelSha256],
    ["embedding", settings.EMBEDDING_TYPE],
    ["model name", inputs.modelName],
    ["system prompt", inputs.systemPrompt],
    ...inputs.files,
  ]);
  return `${architecture}-${tag}`;
}

const regExpAsText = (_key: string, value: unknown) =>
  value instanceof RegExp ? String(value) : value;
