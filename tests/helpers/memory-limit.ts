import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A control group with little memory: the kernel kills what takes more. */
export interface MemoryLimit {
  /** A process that writes its id into this file is in the group. */
  readonly processesFile: string;
  /** How many the kernel has killed for want of memory. */
  kills(): number;
  remove(): void;
  close(): Promise<void>;
}

/** What the two versions of control groups call it. */
const versions = [
  {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    events: "memory.oom_control",
  },
  { root: "/sys/fs/cgroup", limit: "memory.max", events: "memory.events" },
] as const;

/** A control group of so many bytes. @throws Error where none can be made here */
export function limitMemory(bytes: number): MemoryLimit {
  const version = versions.find(
    ({ root, limit }) => existsSync(join(root, limit)) || hasMemory(root),
  );
  if (version === undefined) throw new Error("there are no control groups for memory here");
  const folder = join(version.root, `bitnet-faults-${process.pid}`);
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, version.limit), String(bytes));
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  return {
    processesFile: join(folder, "cgroup.procs"),
    kills: () =>
      Number(/^oom_kill (\d+)/m.exec(readFileSync(join(folder, version.events), "utf8"))?.[1]),
    remove: () => rmdirSync(folder),
    close: async () => rmdirSync(folder),
  };
}

/** Why no memory can be limited here; nothing where it can. */
export function memoryLimitObstacle(): string | undefined {
  try {
    limitMemory(2 ** 30).remove();
    return undefined;
  } catch (error) {
    return `no control group with a memory limit can be made (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}

/** The second version at its root: memory is among what it hands down. */
function hasMemory(root: string): boolean {
  const file = join(root, "cgroup.subtree_control");
  return existsSync(file) && readFileSync(file, "utf8").includes("memory");
}
