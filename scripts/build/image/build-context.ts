import { copyFile, link, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { copySource } from "../engine/engine-source.ts";

/** What goes into a build context. */
export interface BuildContext {
  readonly folder: string;
  /** The engine's source tree, edited. */
  readonly engineSource: string;
  /** Where the submodule stands in it. */
  readonly submodulePath: string;
  /** Name in the context → file. */
  readonly files: Readonly<Record<string, string>>;
}

/** What every context holds besides. */
const fixedFiles = {
  "compile-engine.sh": "container/compile-engine.sh",
  "gate.sh": "container/gate.sh",
  Dockerfile: "container/Dockerfile",
  ".dockerignore": "container/.dockerignore",
} as const;

/**
 * Makes a folder with what one build needs and nothing else: whatever lies about in the repository
 * or in a user's source tree cannot get into an image, and every container tool sees the same.
 */
export async function stageBuildContext(context: BuildContext): Promise<void> {
  await rm(context.folder, { recursive: true, force: true });
  await copySource(context.engineSource, join(context.folder, "engine"), context.submodulePath);
  for (const [name, path] of Object.entries({ ...fixedFiles, ...context.files })) {
    await mkdir(dirname(join(context.folder, name)), { recursive: true });
    await linkOrCopy(path, join(context.folder, name));
  }
}

/** A model has a gigabyte: where the file system allows it, it gets a second name, no copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
