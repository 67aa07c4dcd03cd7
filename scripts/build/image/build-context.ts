import { copyFile, link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { copySource } from "../engine/engine-source.ts";

/** A folder with what a build needs. */
export interface BuildContext {
  readonly folder: string;
  /** The engine's source tree, edited. */
  readonly engineFolder: string;
  /** The submodule's folder in it. */
  readonly submodulePath: string;
  /** Name in the context → file. */
  readonly files: Readonly<Record<string, string>>;
  /** Name in the context → its content. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Files of every context. */
const fixedFiles = {
  "compile-engine.sh": "container/compile-engine.sh",
  "gate.sh": "container/gate.sh",
  Dockerfile: "container/Dockerfile",
  ".dockerignore": "container/.dockerignore",
} as const;

/**
 * Makes the folder, with nothing else in it: no stray file of the repository or of a user's source
 * tree gets into an image, and every container tool sees the same.
 */
export async function stageBuildContext(context: BuildContext): Promise<void> {
  await rm(context.folder, { recursive: true, force: true });
  await copySource(context.engineFolder, join(context.folder, "engine"), context.submodulePath);
  for (const [name, path] of Object.entries({ ...fixedFiles, ...context.files })) {
    const to = join(context.folder, name);
    await mkdir(dirname(to), { recursive: true });
    // The model has a gigabyte: a second name for it where the file system allows one, else a copy.
    await link(path, to).catch(() => copyFile(path, to));
  }
  for (const [name, text] of Object.entries(context.texts)) {
    await writeFile(join(context.folder, name), text);
  }
}
