import { UserError } from "../../../model/user-error.ts";
import type { ImageLayer } from "./layer-report.ts";

/** All that an image may hold above its base: what is needed to answer a request. */
export const finalFiles = [
  "/opt/bitnet/model.gguf",
  "/opt/bitnet/bin/llama-cli",
  "/opt/bitnet/bin/llama-server",
  "/var/task/handler.mjs",
] as const;

/** The engine's state behind a system prompt, and what it was made with. */
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
 * @throws UserError that names what is missing and what is too much
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
  throw new UserError(`the image is not as it must be:\n  ${problems.join("\n  ")}`);
}
