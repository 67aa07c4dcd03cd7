import { join } from "node:path";

/** What of a source tree is not source: history, builds, and models that users keep there. */
const foldersLeftOut = [".git", "build", "models"] as const;

/**
 * Tells whether a path inside a source tree belongs to the source.
 *
 * @param root of the tree
 * @param submodulePath from there
 */
export function isEngineSource(root: string, submodulePath: string): (path: string) => boolean {
  const leftOut = ["", submodulePath].flatMap((tree) =>
    foldersLeftOut.map((folder) => join(root, tree, folder)),
  );
  return (path) => !leftOut.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
