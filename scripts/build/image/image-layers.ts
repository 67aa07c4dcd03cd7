import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import * as z from "zod";
import { UserError } from "../../../model/user-error.ts";

/** One layer of an image. */
export interface ImageLayer {
  /** Bytes of its files. */
  readonly bytes: number;
  /** Its files by absolute path, in order; folders are left out. */
  readonly files: readonly string[];
}

/** The index of a saved image, as docker, podman, finch and buildah write it. */
const manifestSchema = z.array(z.object({ Layers: z.array(z.string()) })).length(1);

/**
 * The layers of a saved image, lowest first.
 *
 * @param saved what `docker save` and its like write: a tar that holds a tar for each layer
 * @throws UserError when it is no saved image
 */
export async function readLayers(saved: Readable): Promise<ImageLayer[]> {
  const layers = new Map<string, ImageLayer>();
  let manifest: string | undefined;
  await readTar(saved, async ({ name, type, linkname }, content) => {
    if (name === "manifest.json") manifest = await textOf(content);
    else if (type === "file") await keepLayer(layers, name, content);
    // Docker saves a layer that comes twice once, and links to it.
    const linked = layers.get((linkname ?? "").replace(/^(\.\.\/)+/, ""));
    if (linked) layers.set(name, linked);
  });
  return layersOf(manifest, layers);
}

function layersOf(manifest: string | undefined, layers: ReadonlyMap<string, ImageLayer>) {
  const parsed = manifestSchema.safeParse(manifest && JSON.parse(manifest));
  const names = parsed.data?.[0]?.Layers ?? [];
  const found = names.flatMap((name) => layers.get(name) ?? []);
  if (names.length > 0 && found.length === names.length) return found;
  throw new UserError("the container tool did not save the image as expected");
}

/** A blob is a layer when it is a tar; configurations are JSON. */
async function keepLayer(layers: Map<string, ImageLayer>, name: string, content: Readable) {
  const first = await firstChunk(content);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  if (!isGzip && first.subarray(257, 262).toString() !== "ustar") return;
  let bytes = 0;
  const files: string[] = [];
  await readTar(isGzip ? content.pipe(createGunzip()) : content, async (entry, file) => {
    file.resume();
    if (entry.type === "directory") return;
    bytes += entry.size ?? 0;
    files.push(`/${entry.name.replace(/^\.?\//, "")}`);
  });
  layers.set(name, { bytes, files });
}

/** The first bytes of a stream, which are put back. */
function firstChunk(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.once("end", () => resolve(Buffer.alloc(0)));
    stream.once("readable", () => {
      const chunk: Buffer = stream.read() ?? Buffer.alloc(0);
      if (chunk.length > 0) stream.unshift(chunk);
      resolve(chunk);
    });
  });
}

async function readTar(
  source: Readable,
  onEntry: (header: Header, content: Readable) => Promise<void>,
): Promise<void> {
  const tar = extract();
  source.once("error", (error) => tar.destroy(error));
  source.pipe(tar);
  for await (const entry of tar) {
    const content = Readable.from(entry);
    await onEntry(entry.header, content);
    content.resume();
  }
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
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

/** The layers that the Dockerfile's final stage adds: model, engine, prompt cache, handler. */
const addedLayers = 4;

/**
 * Makes sure that the layers on top of an image's base hold {@link finalFiles}, and
 * {@link promptCacheFiles} where there is a system prompt, and nothing else.
 *
 * @param layers of the whole image, lowest first
 * @throws UserError that names every missing and every superfluous file
 */
export function requireFinalFiles(layers: readonly ImageLayer[], hasPromptCache: boolean): void {
  const expected: readonly string[] = hasPromptCache
    ? [...finalFiles, ...promptCacheFiles]
    : finalFiles;
  const found = layers.slice(-addedLayers).flatMap(({ files }) => files);
  const problems = [
    ...expected.filter((file) => !found.includes(file)).map((file) => `${file} is missing`),
    ...found
      .filter((file) => !expected.includes(file))
      .map((file) => `${file} does not belong there`),
  ];
  if (problems.length === 0) return;
  throw new UserError(`the image does not hold what it should:\n  ${problems.join("\n  ")}`);
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
