import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A git checkout in which a script of `scripts/review/ci/` runs with a stand-in for GitHub's command. */
export type CiCheckout = ReturnType<typeof ciCheckout>;

/** A checkout with one commit. `gh` is a shell script that answers. */
export function ciCheckout(gh: string) {
  const folder = mkdtempSync(join(tmpdir(), "ci-"));
  const log = join(folder, "gh.log");
  const bin = mkdtempSync(join(folder, "bin-"));
  const record = `{ printf '%s\\n' "$@"; echo; } >> '${log}'`;
  const script = `#!/usr/bin/env bash\n${record}\n${gh}\n`;
  writeFileSync(join(bin, "gh"), script, { mode: 0o755 });
  const options = {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: `${bin}:${process.env.PATH}`,
      GITHUB_REPOSITORY: "owner/name",
      GIT_CONFIG_GLOBAL: "/dev/null",
    },
  } as const;
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  const git = (...rest: string[]) => execFileSync("git", [...author, ...rest], options).trim();
  git("init", "--quiet");
  git("commit", "--quiet", "--allow-empty", "--message", "first");
  return {
    folder,
    git,
    /** What `gh` was called with, an argument a line, calls separated by an empty line. */
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n\n") : []),
    run: (name: string, ...rest: string[]) =>
      spawnSync(resolve(import.meta.dirname, "../../../scripts/review/ci", name), rest, options),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
