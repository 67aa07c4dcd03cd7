import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A script of the repository under way. */
interface RunningScript {
  readonly child: ChildProcess;
  /** What it has written so far, both outputs together. */
  output(): string;
  readonly ended: Promise<number | null>;
}

/** Starts a script as the Makefile does, in the folder that this process is in. */
export function startScript(
  name: string,
  variables: Readonly<Record<string, string>> = {},
): RunningScript {
  const tsx = join(root, "node_modules/tsx/dist/loader.mjs");
  const child = spawn(process.execPath, ["--import", tsx, join(root, "scripts", name)], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => output, ended };
}

/** Runs a script to its end. */
export async function runScript(
  name: string,
  variables?: Readonly<Record<string, string>>,
): Promise<{ exitCode: number | null; output: string }> {
  const { ended, output } = startScript(name, variables);
  return { exitCode: await ended, output: output() };
}
