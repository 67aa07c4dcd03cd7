import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeLlamaCli } from "../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { FaultyApplication } from "./helpers/faulty.ts";
import { itUnless, opened } from "./helpers/opened.ts";
import { expectHonest } from "./helpers/served-answer.ts";

/** A fake engine is a Node.js process of 45 MiB. */
const limitBytes = 150 * 1024 * 1024;

const engines = [
  ["llama-cli", "load", "BITNET_LLAMA_CLI", fakeLlamaCli],
  ["llama-cli", "answer", "BITNET_LLAMA_CLI", fakeLlamaCli],
  ["llama-server", "load", "BITNET_LLAMA_SERVER", fakeLlamaServer],
  ["llama-server", "answer", "BITNET_LLAMA_SERVER", fakeLlamaServer],
] as const;

const folder = temporaryFolder();

/** The file names of control groups, version 1 or 2. */
const version = existsSync("/sys/fs/cgroup/memory")
  ? { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", events: "memory.oom_control" }
  : { root: "/sys/fs/cgroup", limit: "memory.max", events: "memory.events" };

/** Makes a control group with little memory: the kernel kills a process that takes more. */
function limitMemory(bytes: number) {
  const group = join(version.root, `bitnet-faults-${process.pid}`);
  mkdirSync(group);
  try {
    writeFileSync(join(group, version.limit), String(bytes));
  } catch (error) {
    rmdirSync(group);
    throw error;
  }
  return {
    /** A process that writes its id into this file is in the group. */
    processesFile: join(group, "cgroup.procs"),
    /** Number of processes that the kernel has killed for exceeding the limit. */
    kills() {
      const events = readFileSync(join(group, version.events), "utf8");
      return Number(/^oom_kill (\d+)/m.exec(events)?.[1]);
    },
    close: async () => rmdirSync(group),
  };
}

/** Why no memory can be limited here; `undefined` where it can. */
function limitObstacle(): string | undefined {
  try {
    void limitMemory(2 ** 30).close();
    return undefined;
  } catch (error) {
    return `no control group with a memory limit can be made: ${error}`;
  }
}

/** An executable that puts itself under the limit and then becomes the engine. */
function limited(program: string, processesFile: string): string {
  const path = join(folder, "engine");
  writeFileSync(path, `#!/bin/sh\necho $$ > ${processesFile}\nexec ${program} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

for (const [engine, stage, variable, program] of engines) {
  const title = `${engine} fails with engine-killed and answers the next request after the kernel kills it for its memory at stage ${stage}`;
  itUnless(limitObstacle())(title, async () => {
    const limit = opened(limitMemory(limitBytes));
    const variables = { [variable]: limited(program, limit.processesFile) };
    const application = await FaultyApplication.start(engine, { variables });

    for (const way of ["ask", "stream"] as const) {
      await application.endResident();
      application.plan({ stage, fault: "allocate" });
      const answer = await application[way]();
      expectHonest(answer, stage);
      expect(answer.code).toBe("engine-killed");
      await application.askFaultless(stage);
    }

    expect(limit.kills()).toBeGreaterThanOrEqual(2);
  });
}
