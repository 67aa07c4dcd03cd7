import { spawn } from "node:child_process";
import { Socket } from "node:net";

/** Waits for the end of its standard input, whose other end this process alone holds, then kills. */
const watchdog = 'read -r _; kill -s KILL -- "-$1"';

/**
 * Ends a process group when this process dies without a chance to end it (SIGKILL, out of memory), by
 * a shell that keeps watch; without `/bin/sh` there is none.
 *
 * @param group process id of the group's leader
 * @returns ends the watchdog; to be called when the group has ended
 */
export function tieToThisProcess(group: number): () => void {
  const shell = spawn("/bin/sh", ["-c", watchdog, "parent-death-watchdog", String(group)], {
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
