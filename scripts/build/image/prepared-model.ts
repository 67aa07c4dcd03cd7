import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkRequantized } from "../../../model/requantization.ts";
import type { ModelFile } from "../model-file.ts";
import { contentTag } from "./content-hash.ts";

/** The key that the published file lacks, as `llama-quantize` takes it. */
const preTokenizerOverride = "--override-kv tokenizer.ggml.pre=str:llama-bpe";

/** How a model is changed before it goes into an image. */
export interface ModelPreparation {
  readonly model: ModelFile;
  readonly embeddingType: string;
  /** Flags for `llama-quantize`. */
  readonly overrides: string;
  /** The result's file, whose name holds the hash of its inputs. */
  readonly path: string;
}

/** What a model needs; `undefined` when it can be used as it is. */
export function modelPreparation(
  model: ModelFile,
  embeddingType: string,
): ModelPreparation | undefined {
  const { embeddingType: present, lacksPreTokenizer } = model.summary;
  if (present === embeddingType && !lacksPreTokenizer) return undefined;
  const overrides = lacksPreTokenizer ? preTokenizerOverride : "";
  const key = contentTag([
    ["model", model.sha256],
    ["embedding", embeddingType],
    ["overrides", overrides],
  ]);
  return { model, embeddingType, overrides, path: join("temp", "model", `prepared-${key}.gguf`) };
}

/**
 * Prepares a model, by a build of `model.gguf` in a folder, unless that was done before: both
 * architectures' images hold the same bytes.
 *
 * @throws UserError when anything else than it should has changed
 */
export async function prepareModel(
  preparation: ModelPreparation,
  build: (folder: string) => Promise<void>,
): Promise<void> {
  if (existsSync(preparation.path)) return;
  const folder = `${preparation.path}.partial`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await build(folder);
  const made = join(folder, "model.gguf");
  checkRequantized(preparation.model.path, made, preparation.embeddingType);
  await rename(made, preparation.path);
  await rm(folder, { recursive: true, force: true });
}
