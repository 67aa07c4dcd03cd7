import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkModel, type ModelSummary } from "../../model/model-check.ts";
import type { ModelPin } from "../../model/pins.ts";
import { UserError } from "../../model/user-error.ts";
import { knownSha256, writeReceipt } from "../../model/verified-file.ts";
import { Progress } from "../cli/progress.ts";
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
    await fetchPinned(pin, settings, signal);
  }
  const sha256 = await knownSha256(path);
  if (sha256 === undefined) throw noSuchFile(path);
  if (settings.BITNET_MODEL === undefined) await requirePinned(path, sha256, pin);
  return { path, sha256, summary: checkModel(path) };
}

/** Fetches from the hub, or from a mirror of it, which keeps the hub's addresses. */
async function fetchPinned(pin: ModelPin, settings: SetupSettings, signal: AbortSignal) {
  const { repository, revision, bytes, sha256 } = pin;
  const hub = (settings.MODEL_BASE_URL ?? pin.baseUrl).replace(/\/+$/, "");
  const url = `${hub}/${repository}/resolve/${revision}/${pin.file}`;
  const path = pinnedModelPath(pin);
  console.log(`model   ${url}`);
  const progress = new Progress(bytes / 1e6, "MB");
  const onProgress = (done: number) => progress.update(done / 1e6);
  const file = { url, path, bytes, sha256, token: settings.HF_TOKEN };
  await download(file, { onProgress, signal }).finally(() => progress.end());
  await writeReceipt(path, sha256);
}

async function requirePinned(path: string, sha256: string, pin: ModelPin): Promise<void> {
  if (sha256 === pin.sha256) return writeReceipt(path, sha256);
  throw new UserError(
    `${path} is not the pinned model:\n  sha256 ${sha256}\n  pinned ${pin.sha256}\nRemove it and run make init, or name a model of your own with BITNET_MODEL.`,
  );
}

const noSuchFile = (path: string) => new UserError(`there is no such file: ${path}`);
