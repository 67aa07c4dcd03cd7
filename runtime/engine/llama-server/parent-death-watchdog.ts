import { spawn } from "node:child_process";
import { Socket } from "node:net";

/**
 * Waits for the end of its standard input, then kills a process group. The other end is held by
 * this process alone, and closed by the kernel when it is gone, however it went.
 */
const watchdog = 'read -r _; kill -s KILL -- "-$1"';

/**
 * Ends a process group when this process has gone without a chance to end it: by SIGKILL, or for
 * want of memory. A shell of its own keeps watch, a thousandth of what an engine takes. Where there
 * is none, nobody does.
 *
 * @param group its leader's process id
 * @returns ends the watch; to be called when the group has ended
 */
export function tieToThisProcess(group: number): () => void {
  const shell = spawn("/bin/sh", ["-c", watchdog, "lifeline", String(group)], {
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const ignore = () => undefined;
  shell.on("error", ignore);
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.on("error", ignore).unref();
  return () => void shell.kill("SIGKILL");
}
