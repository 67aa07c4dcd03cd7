import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

/** What the stand-in's programs run. */
const programs = {
  "llama-cli": "tests/fixtures/engine-programs/llama-cli.ts",
  "llama-server": "model/reference/llama-server.ts",
  "llama-quantize": "tests/fixtures/engine-programs/llama-quantize.ts",
} as const;

/** Where the submodule stands in the stand-in's tree, as in BitNet's. */
export const submodulePath = "3rdparty/llama.cpp";

/** Puts the stand-in for BitNet's source into a folder, whole and ready to be edited and compiled. */
export function assembleEngineSource(folder: string): void {
  cpSync(resolve("tests/fixtures/engine-source"), folder, { recursive: true });
  for (const [program, entry] of Object.entries(programs)) {
    buildSync({
      entryPoints: [entry],
      outfile: join(folder, submodulePath, "programs", `${program}.mjs`),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "warning",
    });
  }
}

/** The stand-in as two Git repositories, one the submodule of the other. */
export interface EngineRepositories {
  readonly repository: string;
  readonly commit: string;
  readonly submoduleRepository: string;
  readonly submoduleCommit: string;
}

/** Makes repositories of the stand-in's tree, and commits it. */
export function makeEngineRepositories(folder: string): EngineRepositories {
  const repository = join(folder, "BitNet.git");
  const submoduleRepository = join(folder, "llama.cpp.git");
  const tree = join(folder, "tree");
  mkdirSync(tree, { recursive: true });
  assembleEngineSource(tree);
  cpSync(join(tree, submodulePath), submoduleRepository, { recursive: true });
  const submoduleCommit = commitAll(submoduleRepository);
  cpSync(tree, repository, {
    recursive: true,
    filter: (path) => !path.startsWith(join(tree, submodulePath)),
  });
  const commit = commitAll(repository, `160000,${submoduleCommit},${submodulePath}`);
  return { repository, commit, submoduleRepository, submoduleCommit };
}

/** Commits all that is in a folder, and a link to a submodule's commit. */
function commitAll(folder: string, gitlink?: string): string {
  git(folder, "init", "--quiet");
  // A fetch by commit id, as the real hosts allow it.
  git(folder, "config", "uploadpack.allowAnySHA1InWant", "true");
  git(folder, "add", "--all");
  if (gitlink) git(folder, "update-index", "--add", "--cacheinfo", gitlink);
  git(folder, "commit", "--quiet", "--message", "stand-in");
  return git(folder, "rev-parse", "HEAD");
}

/** Runs Git with a made-up author. */
export function git(folder: string, ...args: string[]): string {
  const settings = ["user.name=Test", "user.email=test@localhost", "commit.gpgsign=false"];
  const given = [...settings, "advice.detachedHead=false"].flatMap((each) => ["-c", each]);
  return execFileSync("git", [...given, "-C", folder, ...args], { encoding: "utf8" }).trim();
}
