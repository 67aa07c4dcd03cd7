import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The file names of the two versions of control groups. */
const versions = [
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", events: "memory.oom_control" },
  { root: "/sys/fs/cgroup", limit: "memory.max", events: "memory.events" },
] as const;

/** A control group with little memory: the kernel kills a process that takes more. */
export class MemoryLimit {
  /** A process that writes its id into this file is in the group. */
  readonly processesFile: string;
  readonly #folder: string;
  readonly #eventsFile: string;

  /** @throws Error where no control group can be made */
  constructor(bytes: number) {
    const version = versions.find(
      ({ root, limit }) => existsSync(join(root, limit)) || hasMemoryController(root),
    );
    if (version === undefined) throw new Error("there are no control groups for memory here");
    this.#folder = join(version.root, `bitnet-faults-${process.pid}`);
    this.#eventsFile = join(this.#folder, version.events);
    this.processesFile = join(this.#folder, "cgroup.procs");
    mkdirSync(this.#folder);
    try {
      writeFileSync(join(this.#folder, version.limit), String(bytes));
    } catch (error) {
      rmdirSync(this.#folder);
      throw error;
    }
  }

  /** Number of processes that the kernel has killed for exceeding the limit. */
  kills(): number {
    return Number(/^oom_kill (\d+)/m.exec(readFileSync(this.#eventsFile, "utf8"))?.[1]);
  }

  async close(): Promise<void> {
    rmdirSync(this.#folder);
  }
}

/** Why no memory can be limited here; `undefined` where it can. */
export function memoryLimitObstacle(): string | undefined {
  try {
    void new MemoryLimit(2 ** 30).close();
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `no control group with a memory limit can be made: ${code ?? String(error)}`;
  }
}

/** True for the root of version 2 when it passes the memory controller to its children. */
function hasMemoryController(root: string): boolean {
  const file = join(root, "cgroup.subtree_control");
  return existsSync(file) && readFileSync(file, "utf8").includes("memory");
}
