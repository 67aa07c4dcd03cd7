import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "../../../model/architecture.ts";
import type { EnginePin } from "../../../model/pins.ts";
import { UserError } from "../../../model/user-error.ts";
import { runCommand } from "../../cli/run-command.ts";
import { applyEdits, type EditOutcome, editedText } from "./apply-edits.ts";
import { type EngineEdit, editsFor } from "./engine-edits.ts";

/** An edited source tree. */
export interface EngineSource {
  readonly folder: string;
  /** Nothing was fetched. */
  readonly wasThere: boolean;
  readonly edits: ReadonlyMap<string, EditOutcome>;
  /** Its commits are the pinned ones; false where there is no git folder to compare. */
  readonly isVerified: boolean;
}

/** Where an architecture's source goes, from the repository's root. */
const sourceFolder = (architecture: Architecture) => join("temp", "engine", architecture);

/**
 * The source to compile: the user's own tree, or the pinned one.
 *
 * @throws UserError as {@link fetchEngineSource} and {@link copyEngineSource} do
 */
export function provideEngineSource(
  architecture: Architecture,
  pin: EnginePin,
  { ENGINE_SOURCE }: { readonly ENGINE_SOURCE?: string | undefined },
): Promise<EngineSource> {
  if (ENGINE_SOURCE !== undefined) return copyEngineSource(architecture, pin, ENGINE_SOURCE);
  return fetchEngineSource(architecture, pin, (step) => {
    console.log(`engine  ${architecture}: fetching ${step}`);
  });
}

/**
 * The pinned source under {@link sourceFolder}: fetched shallowly unless it is there, compared with
 * the pins, and edited. Not recursive: the nested submodule (kompute) is not used.
 *
 * @throws UserError without git, when a commit cannot be fetched or is not the pinned one, and when
 * an edit fails
 */
export async function fetchEngineSource(
  architecture: Architecture,
  pin: EnginePin,
  onStep: (text: string) => void,
): Promise<EngineSource> {
  const folder = sourceFolder(architecture);
  const wasThere = existsSync(folder);
  if (!wasThere) await fetchInto(folder, pin, onStep);
  const edits = editsFor(architecture);
  await requirePinned(folder, pin, edits);
  return { folder, wasThere, edits: applyEdits(folder, edits), isVerified: true };
}

/**
 * The user's own tree, copied beside {@link sourceFolder} so that the edits do not touch it. When it
 * has its git folders, its commits are compared with the pins.
 *
 * @throws UserError when it is no source tree or not the pinned one, and when an edit fails
 */
export async function copyEngineSource(
  architecture: Architecture,
  pin: EnginePin,
  from: string,
): Promise<EngineSource> {
  const witness = join(from, pin.submodulePath, "CMakeLists.txt");
  if (!existsSync(witness)) {
    throw new UserError(
      `ENGINE_SOURCE=${from}: there is no ${witness}.\nIt must be a clone of BitNet with its submodule (git submodule update --init ${pin.submodulePath}).`,
    );
  }
  const isVerified = existsSync(join(from, ".git"));
  if (isVerified) await requirePinned(from, pin, editsFor(architecture));
  const folder = `${sourceFolder(architecture)}-given`;
  await rm(folder, { recursive: true, force: true });
  await copySource(from, folder, pin.submodulePath);
  return { folder, wasThere: false, edits: applyEdits(folder, editsFor(architecture)), isVerified };
}

/** What is not source: history, builds, and models that users keep there. */
const foldersLeftOut = [".git", "build", "models"] as const;

/**
 * A predicate of paths: true for those that belong to the source.
 *
 * @param root of the source tree
 * @param submodulePath from there
 */
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

/** Fetches under another name first, so that a folder of the right name is complete. */
async function fetchInto(folder: string, pin: EnginePin, onStep: (text: string) => void) {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  onStep(`BitNet ${pin.commit.slice(0, 7)}`);
  await fetchCommit(partial, pin.repository, pin.commit);
  onStep(`llama.cpp ${pin.submoduleCommit.slice(0, 7)}`);
  await requireGitlink(partial, pin);
  await fetchCommit(join(partial, pin.submodulePath), pin.submoduleRepository, pin.submoduleCommit);
  await rename(partial, folder);
}

async function fetchCommit(folder: string, repository: string, commit: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await git(folder, "init", "--quiet");
  await git(folder, "fetch", "--quiet", "--depth", "1", repository, commit);
  await git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD");
}

/** Compares what is checked out, and what BitNet's tree names as its submodule, with the pins. */
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
