import { runOnTerminal } from "./run-command.ts";

/** Runs tests outside the ordinary suite; jest's exit code becomes this process's. */
export async function runJest(
  pattern: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  process.exitCode = await runOnTerminal({
    file: "node_modules/.bin/jest",
    args: ["--testMatch", `<rootDir>/${pattern}`],
    environment,
  });
}
