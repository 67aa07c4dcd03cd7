import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineEnvironment } from "../../../runtime/engine/child-process.ts";

/**
 * Makes an executable that repeats an engine's stdout and stderr and ends, in the few milliseconds
 * that a shell takes to start.
 *
 * @throws Error when the engine fails
 */
export function recordInstantEngine(
  engine: string,
  args: readonly string[],
  input: string,
  folder: string,
): string {
  const path = (name: string) => join(folder, name);
  writeFileSync(path("recorded-prompt"), input);
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", 'exec "$0" "$@" <"$RECORDED_PROMPT"', engine, ...args],
    { env: { ...engineEnvironment(process.env), RECORDED_PROMPT: path("recorded-prompt") } },
  );
  if (status !== 0) throw new Error(`the engine ended with ${status}: ${stderr}`);
  writeFileSync(path("recorded-stdout"), stdout);
  writeFileSync(path("recorded-stderr"), stderr);
  const program = `#!/bin/sh\ncat '${path("recorded-stderr")}' >&2\nexec cat '${path("recorded-stdout")}'\n`;
  writeFileSync(path("instant-engine"), program, { mode: 0o755 });
  return path("instant-engine");
}
