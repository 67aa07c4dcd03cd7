import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkModel, type ModelSummary } from "../../model/model-check.ts";
import type { ModelPin } from "../../model/pins.ts";
import { UserError } from "../../model/user-error.ts";
import { knownSha256, writeReceipt } from "../../model/verified-file.ts";
import { startProgress } from "../cli/progress.ts";
import { download } from "./download.ts";
import type { SetupSettings } from "./setup-settings.ts";

/** A model file that this project can serve. */
export interface ModelFile {
  readonly path: string;
  /** As hex. */
  readonly sha256: string;
  readonly summary: ModelSummary;
}

/** Where the pinned model goes, from the repository's root. */
export const pinnedModelPath = ({ file }: ModelPin) => join("temp", "model", file);

/**
 * Address of the pinned model file, in the hub's scheme, which mirrors keep.
 *
 * @param baseUrl the hub, or a mirror of it
 */
export function modelUrl({ repository, revision, file }: ModelPin, baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/${repository}/resolve/${revision}/${file}`;
}

/**
 * The model to serve: the file that the user names, or the pinned one, fetched unless it is there.
 *
 * @throws UserError of {@link download} and {@link checkModel}, and when the pinned file was changed
 */
export async function provideModel(
  pin: ModelPin,
  settings: SetupSettings,
  signal: AbortSignal,
): Promise<ModelFile> {
  const path = settings.BITNET_MODEL ?? pinnedModelPath(pin);
  if (!existsSync(path)) {
    if (settings.BITNET_MODEL !== undefined) throw noSuchFile(`BITNET_MODEL=${path}`);
    await fetchPinned(path, pin, settings, signal);
  }
  const sha256 = await knownSha256(path);
  if (sha256 === undefined) throw noSuchFile(path);
  if (settings.BITNET_MODEL === undefined) await requirePinned(path, sha256, pin);
  return { path, sha256, summary: checkModel(path) };
}

async function fetchPinned(
  path: string,
  pin: ModelPin,
  settings: SetupSettings,
  signal: AbortSignal,
): Promise<void> {
  const { bytes, sha256 } = pin;
  const url = modelUrl(pin, settings.MODEL_BASE_URL ?? pin.baseUrl);
  console.log(`model   ${url}`);
  const progress = startProgress(bytes, process.stderr);
  const file = { url, path, bytes, sha256, token: settings.HF_TOKEN };
  await download(file, { onProgress: progress.update, signal }).finally(progress.end);
  await writeReceipt(path, pin.sha256);
}

async function requirePinned(path: string, sha256: string, pin: ModelPin): Promise<void> {
  if (sha256 === pin.sha256) return writeReceipt(path, sha256);
  throw new UserError(
    `${path} is not the pinned model:\n  sha256 ${sha256}\n  pinned ${pin.sha256}\nRemove it and run make init, or name a model of your own with BITNET_MODEL.`,
  );
}

const noSuchFile = (path: string) => new UserError(`there is no such file: ${path}`);
