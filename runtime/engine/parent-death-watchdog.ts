import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { Socket } from "node:net";

const shell = "/bin/sh";

/** Becomes the program when a line arrives on its standard input, and ends when that ends before. */
const gate = 'read -r _ && exec "$@" </dev/null';

/**
 * The command line of a program that begins only when a line is written to its standard input: with its
 * watchdog there, so that it is never without one. `undefined` where there is no `/bin/sh`, or no such
 * program to run, which is then best reported by the attempt.
 */
export function gated(file: string, args: readonly string[]): [string, string[]] | undefined {
  try {
    for (const path of [shell, file]) accessSync(path, constants.X_OK);
  } catch {
    return undefined;
  }
  return [shell, ["-c", gate, "gate", file, ...args]];
}

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
  const watcher = spawn(shell, ["-c", watchdog, "parent-death-watchdog", String(group)], {
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const ignore = () => undefined;
  watcher.on("error", ignore);
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.on("error", ignore).unref();
  return () => void watcher.kill("SIGKILL");
}
