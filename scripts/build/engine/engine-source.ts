import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "../../../model/architecture.ts";
import type { EnginePin } from "../../../model/pins.ts";
import { UserError } from "../../../model/user-error.ts";
import { runCommand } from "../../cli/run-command.ts";
import {
  applyEdits,
  type EditOutcome,
  type EngineEdit,
  editedText,
  editsFor,
} from "./engine-edits.ts";

/** An edited source tree. */
export interface EngineSource {
  readonly folder: string;
  readonly edits: ReadonlyMap<string, EditOutcome>;
  /** Its commits are the pinned ones; false where there is no git folder to compare. */
  readonly isVerified: boolean;
}

/**
 * The source to compile, edited, under `temp/engine`: the pinned one, fetched unless it is there, or
 * a copy of the user's own tree, compared with the pins where it has a git folder.
 *
 * @throws UserError when it cannot be fetched, is incomplete or not as pinned, or cannot be edited
 */
export async function provideEngineSource(
  architecture: Architecture,
  pin: EnginePin,
  { ENGINE_SOURCE: given }: { readonly ENGINE_SOURCE?: string | undefined },
): Promise<EngineSource> {
  const edits = editsFor(architecture);
  const folder = join("temp", "engine", given ? `${architecture}-given` : architecture);
  const isVerified = given === undefined || existsSync(join(given, ".git"));
  if (given !== undefined) requireSubmodule(given, pin);
  else if (!existsSync(folder)) await fetchInto(folder, architecture, pin);
  if (isVerified) await requirePinned(given ?? folder, pin, edits);
  if (given !== undefined) {
    await rm(folder, { recursive: true, force: true });
    await copySource(given, folder, pin.submodulePath);
  }
  return { folder, edits: applyEdits(folder, edits), isVerified };
}

function requireSubmodule(folder: string, { submodulePath }: EnginePin): void {
  const witness = join(folder, submodulePath, "CMakeLists.txt");
  if (existsSync(witness)) return;
  throw new UserError(
    `ENGINE_SOURCE=${folder}: there is no ${witness}.\nIt must be a clone of BitNet with its submodule (git submodule update --init ${submodulePath}).`,
  );
}

/** What is not source: history, builds, and models that users keep there. */
const foldersLeftOut = [".git", "build", "models"] as const;

/** Returns a predicate of paths below `root`: true for those that belong to the source. */
export function isEngineSource(root: string, submodulePath: string): (path: string) => boolean {
  const leftOut = ["", submodulePath].flatMap((tree) =>
    foldersLeftOut.map((folder) => join(root, tree, folder)),
  );
  return (path) => !leftOut.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** Copies a source tree without what is not source. */
export async function copySource(from: string, to: string, submodulePath: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: isEngineSource(from, submodulePath) });
}

/** Fetches without history and the unused nested submodule; a folder of this name is complete. */
async function fetchInto(folder: string, architecture: Architecture, pin: EnginePin) {
  const announced = `engine  ${architecture}: fetching`;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  console.log(`${announced} BitNet ${pin.commit.slice(0, 7)}`);
  await fetchCommit(partial, pin.repository, pin.commit);
  await requireGitlink(partial, pin);
  console.log(`${announced} llama.cpp ${pin.submoduleCommit.slice(0, 7)}`);
  await fetchCommit(join(partial, pin.submodulePath), pin.submoduleRepository, pin.submoduleCommit);
  await rename(partial, folder);
}

async function fetchCommit(folder: string, repository: string, commit: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await git(folder, "init", "--quiet");
  await git(folder, "fetch", "--quiet", "--depth", "1", repository, commit);
  await git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD");
}

async function requirePinned(folder: string, pin: EnginePin, edits: readonly EngineEdit[]) {
  const submodule = join(folder, pin.submodulePath);
  await requireCommit(folder, pin.commit);
  await requireGitlink(folder, pin);
  await requireCommit(submodule, pin.submoduleCommit);
  for (const tree of [folder, submodule]) await requireUntouched(tree, folder, edits);
}

/** A checkout may differ from its commit by our edits alone. */
async function requireUntouched(tree: string, folder: string, edits: readonly EngineEdit[]) {
  const changed = await git(tree, "diff", "--name-only", "--ignore-submodules=all", "HEAD");
  for (const file of changed.split("\n").filter((name) => name !== "")) {
    const path = join(tree, file);
    const edit = edits.find((candidate) => join(folder, candidate.file) === path);
    const committed = edit && (await git(tree, "show", `HEAD:${file}`));
    const isOurs = edit && editedText(edit, committed).trim() === readFileSync(path, "utf8").trim();
    if (isOurs) continue;
    throw new UserError(
      `${path} has been changed: the source would not be the pinned one.\nTake the change back (git -C ${tree} checkout -- ${file}), or fork the engine and pin your commit in container/pins.env.`,
    );
  }
}

async function requireCommit(folder: string, commit: string): Promise<void> {
  const head = await git(folder, "rev-parse", "HEAD");
  if (head === commit) return;
  throw new UserError(
    `${folder} is at commit ${head}, pinned is ${commit}.\nRemove the folder and run this again, or check container/pins.env.`,
  );
}

async function requireGitlink(folder: string, pin: EnginePin): Promise<void> {
  const row = await git(folder, "ls-tree", "HEAD", pin.submodulePath);
  const gitlink = /^160000 commit ([0-9a-f]{40})\t/.exec(row)?.[1] ?? "no submodule";
  if (gitlink === pin.submoduleCommit) return;
  throw new UserError(
    `BitNet ${pin.commit} has ${gitlink} at ${pin.submodulePath}, pinned is ${pin.submoduleCommit}: the two pins in container/pins.env do not belong together.`,
  );
}

async function git(folder: string, ...args: string[]): Promise<string> {
  // Never asks for a password; never looks for a repository above the folder.
  const environment = { GIT_TERMINAL_PROMPT: "0", GIT_CEILING_DIRECTORIES: join(folder, "..") };
  const { stdout } = await runCommand({ file: "git", args: ["-C", folder, ...args], environment });
  return stdout.trim();
}
