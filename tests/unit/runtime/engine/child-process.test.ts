import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { processesWith, waitUntil } from "../../../helpers/processes.ts";

/** A program that starts a child. It runs in a process of its own, since jest has its own listeners. */
function parentProgram(shellScript: string, before: string, after: string): string {
  return `
    import { startChildProcess } from ${JSON.stringify(resolve("runtime/engine/child-process.ts"))};
    ${before}
    const start = (isBackground) => startChildProcess({
      file: "/bin/sh",
      args: ["-c", ${JSON.stringify(shellScript)}],
      environment: {},
      temporaryFolder: "/tmp",
      signal: new AbortController().signal,
      killDelayMs: 100,
      onStderr: () => {},
      isBackground,
    });
    ${after}
  `;
}

function run(program: string) {
  const args = ["--import", "tsx", "--input-type=module", "--eval", program];
  return promisify(execFile)(process.execPath, args);
}

describe("a child process", () => {
  it("leaves its parent listening for signals, of which none may get lost, and free to end", async () => {
    const program = parentProgram(
      "exit 3",
      `const counts = [process.listenerCount("SIGTERM")];`,
      `const child = start(false);
      const exit = child.exit;
      for await (const _ of child.stdout);
      const { exitCode } = await exit;
      counts.push(process.listenerCount("SIGTERM"));
      process.once("exit", () => console.log(JSON.stringify({ exitCode, counts })));`,
    );

    const { stdout } = await run(program);

    expect(JSON.parse(stdout)).toEqual({ exitCode: 3, counts: [0, 1] });
  });

  it("in the background never outlives a parent killed before the watchdog has begun", async () => {
    const mark = `mark-${randomUUID()}`;
    // The second program that it starts is the watchdog: killed at that moment, there is none.
    const program = parentProgram(
      `sleep 60; : ${mark}`,
      `import childProcess from "node:child_process";
      import { syncBuiltinESMExports } from "node:module";
      const { spawn } = childProcess;
      let started = 0;
      childProcess.spawn = (...args) => {
        if (++started === 2) process.kill(process.pid, "SIGKILL");
        return spawn(...args);
      };
      syncBuiltinESMExports();`,
      "start(true);",
    );

    await expect(run(program)).rejects.toMatchObject({ signal: "SIGKILL" });

    await waitUntil(() => processesWith(mark).length === 0);
  });
});
