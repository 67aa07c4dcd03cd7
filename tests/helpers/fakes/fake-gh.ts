import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A git checkout in which a script of `scripts/review/ci/` runs with a stand-in for GitHub's command. */
export interface CiCheckout {
  readonly folder: string;
  /** What `gh` was called with, an argument a line, calls separated by an empty line. */
  readonly calls: () => readonly string[];
  readonly run: (script: string, ...rest: string[]) => CiRun;
  readonly git: (...rest: string[]) => string;
  readonly remove: () => void;
}

/** How a script ended. */
interface CiRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A checkout with one commit. `gh` is a shell script that answers. */
export function ciCheckout(gh: string): CiCheckout {
  const folder = mkdtempSync(join(tmpdir(), "ci-"));
  const log = join(folder, "gh.log");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const record = `{ printf '%s\\n' "$@"; echo; } >> '${log}'`;
  writeFileSync(join(bin, "gh"), `#!/usr/bin/env bash\n${record}\n${gh}\n`);
  chmodSync(join(bin, "gh"), 0o755);

  const environment = {
    PATH: `${bin}:${process.env.PATH}`,
    GITHUB_REPOSITORY: "owner/name",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  const git = (...rest: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...rest], {
      cwd: folder,
      encoding: "utf8",
      env: environment,
    }).trim();
  git("init", "--quiet");
  git("commit", "--quiet", "--allow-empty", "--message", "first");
  return {
    folder,
    git,
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n\n") : []),
    run: (script, ...rest) => {
      const path = resolve(import.meta.dirname, "../../../scripts/review/ci", script);
      const { status, stdout, stderr } = spawnSync(path, rest, {
        cwd: folder,
        encoding: "utf8",
        env: environment,
      });
      return { status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
