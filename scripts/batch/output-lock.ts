import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../../model/user-error.ts";

/**
 * Keeps a second run away from an output: two would pay for the same answers. The lock of a process
 * that is gone counts for nothing.
 *
 * @param out the path of the output; the lock stands beside it
 * @returns a function that takes the lock away
 * @throws UserError when another run has it, or the folder cannot be written
 */
export function lockOutput(out: string): () => void {
  const path = `${out}.lock`;
  const pid = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  // In a container that was started anew, this process may have the number of the one before.
  if (pid > 0 && pid !== process.pid && isRunning(pid)) {
    throw new UserError(
      `Process ${pid} is at work on ${out}: wait for it or end it. If it is no make batch, delete ${path}.`,
    );
  }
  try {
    writeFileSync(path, String(process.pid));
  } catch (cause) {
    throw new UserError(`OUT=${out} cannot be written: ${(cause as Error).message}`, { cause });
  }
  return () => rmSync(path, { force: true });
}

/** Whether a process is a run of the command; where there is no /proc, whether there is one at all. */
function isRunning(pid: number): boolean {
  try {
    if (!existsSync("/proc/self/cmdline")) return process.kill(pid, 0);
    // Empty for one that has ended but not been waited for.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("batch");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
