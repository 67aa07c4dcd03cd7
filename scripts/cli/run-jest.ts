import { runOnTerminal } from "./run-command.ts";

/** Runs the tests of a folder outside the ordinary suite; jest's exit code becomes this process's. */
export async function runJest(
  folder: "lambda" | "page",
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  process.exitCode = await runOnTerminal({
    file: "node_modules/.bin/jest",
    args: ["--selectProjects", folder],
    environment,
  });
}
