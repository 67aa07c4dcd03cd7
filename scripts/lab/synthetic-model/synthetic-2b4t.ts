import { resolve } from "node:path";
import { ggufByteLength } from "../../../model/gguf-writer.ts";
import { startProgress } from "../../cli/progress.ts";
import { provideGeneratedModel } from "./generated-model.ts";
import { type SyntheticRecipe, shapeOf2B4T, syntheticModel } from "./synthetic-model.ts";

/** What every made-up 2B4T is made of: the same bytes each time. */
const seed = 1;

/** Where a made-up model of the 2B4T's shape goes unless told otherwise. */
export function synthetic2B4TPath(embeddingType: SyntheticRecipe["embeddingType"]): string {
  return resolve("temp", "model", `synthetic-2b4t-${embeddingType}.gguf`);
}

/**
 * Sees that a model file of 2B4T's shape and size, with random weights, is at a path; shows on
 * stderr how far it is.
 *
 * @returns whether it was there already
 * @throws UserError as {@link provideGeneratedModel} does
 */
export async function provideSynthetic2B4T(
  embeddingType: SyntheticRecipe["embeddingType"],
  path: string = synthetic2B4TPath(embeddingType),
  signal?: AbortSignal,
): Promise<boolean> {
  const recipe = {
    name: `synthetic-2b4t-${embeddingType}`,
    shape: shapeOf2B4T,
    embeddingType,
    seed,
  };
  const content = syntheticModel(recipe);
  const progress = startProgress(ggufByteLength(content), process.stderr);
  try {
    const onProgress = (bytes: number) => progress.update(bytes);
    return await provideGeneratedModel(path, content, { onProgress, ...(signal && { signal }) });
  } finally {
    progress.end();
  }
}
