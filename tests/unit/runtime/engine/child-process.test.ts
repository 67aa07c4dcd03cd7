import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs in a process of its own, since jest has its own listeners. */
const program = `
  import { startChildProcess } from ${JSON.stringify(resolve("runtime/engine/child-process.ts"))};
  const counts = [process.listenerCount("SIGTERM")];
  const child = startChildProcess({
    file: "/bin/sh",
    args: ["-c", "exit 3"],
    environment: {},
    temporaryFolder: "/tmp",
    signal: new AbortController().signal,
    killDelayMs: 100,
    onStderr: () => {},
  });
  const exit = child.exit;
  for await (const _ of child.stdout);
  const { exitCode } = await exit;
  counts.push(process.listenerCount("SIGTERM"));
  process.once("exit", () => console.log(JSON.stringify({ exitCode, counts })));
`;

describe("a child process", () => {
  it("leaves its parent listening for signals, of which none may get lost, and free to end", async () => {
    const args = ["--import", "tsx", "--input-type=module", "--eval", program];

    const { stdout } = await run(process.execPath, args);

    expect(JSON.parse(stdout)).toEqual({ exitCode: 3, counts: [0, 1] });
  });
});
