import { spawnSync } from "node:child_process";

/** Runs the tests of a folder outside the ordinary suite; jest's exit code becomes this process's. */
export function runJest(folder: "lambda" | "page", variables: Readonly<Record<string, string>>) {
  const args = ["--selectProjects", folder];
  const env = { ...process.env, ...variables };
  const { status } = spawnSync("node_modules/.bin/jest", args, { stdio: "inherit", env });
  process.exitCode = status ?? 1;
}
