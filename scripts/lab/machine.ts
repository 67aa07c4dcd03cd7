import { execFileSync } from "node:child_process";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";

/** The machine and the time of a measurement. */
export interface Machine {
  /** `2026-11-25` */
  readonly date: string;
  /** Short commit; `+changes` is appended when the tree has uncommitted changes. */
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Load average of the last minute; above 0 something else was running. */
  readonly load: number;
}

/** This machine as it is now. Asks git for the commit; `unknown` outside a checkout. */
export function readMachine(now: Date): Machine {
  const [processor] = cpus();
  return {
    date: now.toISOString().slice(0, 10),
    commit: commit(),
    processor: processor?.model.trim() || "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}, ${arch()}`,
    node: process.version,
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}

/** The machine as one sentence for the top of a report. */
export function machineText(machine: Machine): string {
  const { date, commit: at, processor, cores, memoryGiB, system, node, load } = machine;
  return `${date}, commit ${at}; ${processor}, ${cores} cores, ${memoryGiB} GiB of memory, ${system}, Node.js ${node}; load ${load} at the start.`;
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const changes = git("status", "--porcelain", "--", ":!docs") === "" ? "" : "+changes";
    return `${git("rev-parse", "--short=10", "HEAD")}${changes}`;
  } catch {
    return "unknown";
  }
}
