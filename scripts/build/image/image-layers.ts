import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { UserError } from "../../../model/user-error.ts";
import { runCommand } from "../../cli/run-command.ts";

/** One layer of an image. */
export interface ImageLayer {
  /** Bytes of its archive. */
  readonly bytes: number;
  /** Its files by absolute path, in order; folders are left out. */
  readonly files: readonly string[];
}

/** The index of a saved image, as docker, podman, finch and buildah write it. */
const manifestSchema = z.array(z.object({ Layers: z.array(z.string()).min(1) })).length(1);

const failure = "the container tool did not save the image as expected";

/**
 * The layers, lowest first, of what `docker save` and its like write. Unpacks it beside itself.
 *
 * @throws UserError when it is no saved image
 */
export async function readLayers(path: string): Promise<ImageLayer[]> {
  const folder = dirname(path);
  await runCommand({ file: "tar", args: ["-xf", path, "-C", folder], failure });
  const layers = readLayerNames(join(folder, "manifest.json"));
  return Promise.all(layers.map((name) => readLayer(join(folder, name))));
}

function readLayerNames(manifest: string): string[] {
  try {
    const images = manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
    return images.flatMap(({ Layers }) => Layers);
  } catch (cause) {
    throw new UserError(failure, { cause });
  }
}

async function readLayer(path: string): Promise<ImageLayer> {
  const { stdout } = await runCommand({ file: "tar", args: ["-tf", path], failure });
  const files = stdout.split("\n").filter((name) => name !== "" && !name.endsWith("/"));
  return {
    bytes: statSync(path).size,
    files: files.map((name) => `/${name.replace(/^\.?\//, "")}`),
  };
}

/** The files that an image must hold above its base, and the only ones. */
export const finalFiles = [
  "/opt/bitnet/model.gguf",
  "/opt/bitnet/bin/llama-cli",
  "/opt/bitnet/bin/llama-server",
  "/var/task/handler.mjs",
] as const;

/** Further ones where there is a system prompt: the engine's state behind it, and its identity. */
export const promptCacheFiles = [
  "/opt/bitnet/prompt-cache/state",
  "/opt/bitnet/prompt-cache/state.json",
] as const;

/**
 * Makes sure that the layers that a Dockerfile's last stage adds to an image hold
 * {@link finalFiles}, {@link promptCacheFiles} where there is a system prompt, and nothing else.
 *
 * @throws UserError that names every missing and every superfluous file
 */
export function requireFinalFiles(
  layers: readonly ImageLayer[],
  dockerfile: string,
  hasPromptCache: boolean,
): void {
  const expected: readonly string[] = hasPromptCache
    ? [...finalFiles, ...promptCacheFiles]
    : finalFiles;
  const found = layers.slice(-addedLayers(dockerfile)).flatMap(({ files }) => files);
  const missing = expected.filter((file) => !found.includes(file));
  const superfluous = found.filter((file) => !expected.includes(file));
  const problems = [
    ...missing.map((file) => `${file} is missing`),
    ...superfluous.map((file) => `${file} does not belong there`),
  ];
  if (problems.length === 0) return;
  throw new UserError(`the image does not hold what it should:\n  ${problems.join("\n  ")}`);
}

/** Instructions of the last stage that each add a layer. */
function addedLayers(dockerfile: string): number {
  const [lastStage = ""] = dockerfile.split(/^FROM /m).slice(-1);
  return lastStage.match(/^(COPY|ADD|RUN) /gm)?.length ?? 0;
}

/** A table of an image's layers: size, and their files or how many there are. */
export function layerTable(layers: readonly ImageLayer[]): string {
  const rows = layers.map(({ bytes, files }) => {
    const shown = files.length <= 3 ? files.join(" ") : `${files.length} files`;
    return `${megabytes(bytes)}  ${shown}`;
  });
  const total = layers.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...rows, `${megabytes(total)}  in all`].join("\n");
}

/** With three decimals, for layers of a few kilobytes. */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(3).padStart(10)} MB`;
}
