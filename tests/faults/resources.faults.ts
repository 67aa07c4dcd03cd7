import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeAfterEach } from "./helpers/close-after-each.ts";
import { type FaultyHostSetup, startFaultyHost } from "./helpers/faulty-host.ts";
import { itUnless, unlessLinux } from "./helpers/it-unless.ts";
import { type EngineName, engineNames } from "./helpers/planned-engine.ts";

const opened = closeAfterEach();
const unavailable = { status: 503, code: "engine-unavailable" };

/** A shell that sets a limit of its own and then becomes the program. */
const withLimit = (limit: string) => ["/bin/sh", "-c", `ulimit ${limit} && exec "$@"`, "limited"];

/**
 * Node.js's own `spawn` leaves two descriptors open when it runs out with four or with five left
 * (seen with a bare `spawn` of /bin/true, Node.js 20.20); with fewer it leaves none.
 */
const mostLeftOver = 4;

describe.each(engineNames)("a handler with %s and hardly any file descriptor", (engine) => {
  const title =
    "answers or fails with engine-unavailable, and answers once there are descriptors again";
  itUnless(unlessLinux)(title, async () => {
    const host = opened(await startFaultyHost(engine, { wrapper: withLimit("-n 128") }));
    await host.askFaultless("before");
    const before = (await host.state()).descriptors;
    const statuses: number[] = [];

    for (let leave = 0; leave <= 12; leave++) {
      await host.hoardDescriptors(leave);
      const resident = host.engine.pids();
      // A request's own seed saves the descriptor that drawing one takes.
      for (const seed of [{}, { seed: 1 }]) {
        const answer = await host.ask({ prompt: "Hi there", ...seed });
        statuses.push(answer.status);
        if (answer.status === 200) host.engine.expectWhole(answer, leave);
        else expect(answer).toMatchObject(unavailable);
      }
      expect(host.engine.pids()).toEqual(resident);
      await host.releaseDescriptors();
      await host.askFaultless(leave);
    }

    expect(statuses[0]).toBe(503);
    const after = (await host.state()).descriptors;
    expect(after.length - before.length).toBeLessThanOrEqual(mostLeftOver);
  });
});

describe("a handler with llama-server and no file descriptor", () => {
  itUnless(unlessLinux)("fails to restart the engine, and restarts it later", async () => {
    const host = opened(await startFaultyHost("llama-server", { wrapper: withLimit("-n 128") }));
    await host.askFaultless("before");
    await host.hoardDescriptors(0);
    for (const pid of host.engine.pids()) process.kill(pid, "SIGKILL");
    await host.engine.gone();

    const answer = await host.ask();

    expect(answer).toMatchObject(unavailable);
    await host.releaseDescriptors();
    await host.askFaultless("after");
  });
});

/** Mounts a small file system. @returns false where this process may not */
function mountSmall(path: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path]).status === 0;
}

function unmount(path: string): void {
  spawnSync("umount", [path]);
  rmSync(path, { recursive: true, force: true });
}

/** Why no small file system can be mounted here. */
function mountObstacle(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-mount-"));
  const isMounted = mountSmall(folder);
  unmount(folder);
  return isMounted ? undefined : "only root may mount a small file system";
}

const unlessMounted = mountObstacle();

describe("a handler whose temporary folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bitnet-small-disk-"));
  });
  afterEach(() => unmount(folder));

  const start = async (engine: EngineName, setup: FaultyHostSetup = {}) =>
    opened(await startFaultyHost(engine, { ...setup, variables: { TMPDIR: folder } }));

  /** Fills the file system. */
  const fill = (ballast: string) =>
    expect(() => writeFileSync(ballast, Buffer.alloc(1024 * 1024))).toThrow("ENOSPC");

  /** Fails unless a prompt of 100 KB is refused, leaves no file, and a short one is answered. */
  async function expectLongPromptFails(setup: FaultyHostSetup = {}): Promise<void> {
    const host = await start("llama-cli", setup);
    const answer = await host.ask({ prompt: "word ".repeat(20_000) });
    expect(answer).toMatchObject(unavailable);
    expect(readdirSync(folder)).toEqual([]);
    await host.askFaultless("after");
  }

  itUnless(unlessMounted)("is full fails with llama-cli until there is room again", async () => {
    mountSmall(folder);
    const ballast = join(folder, "ballast");
    const host = await start("llama-cli");
    await host.askFaultless("before");
    fill(ballast);

    const answer = await host.ask();

    expect(answer).toMatchObject(unavailable);
    expect(readdirSync(folder)).toEqual(["ballast"]);
    rmSync(ballast);
    await host.askFaultless("after");
    expect(readdirSync(folder)).toEqual([]);
  });

  itUnless(unlessMounted)("is full answers with llama-server, which needs no file", async () => {
    mountSmall(folder);
    fill(join(folder, "ballast"));
    const host = await start("llama-server");

    await host.askFaultless("full");
  });

  itUnless(unlessMounted)("is smaller than a prompt fails and answers a shorter one", async () => {
    mountSmall(folder);
    await expectLongPromptFails();
  });

  itUnless(unlessLinux)("takes small files only fails and answers a shorter prompt", async () => {
    await expectLongPromptFails({ wrapper: withLimit("-f 8") });
  });

  it("is removed fails with llama-cli until the folder is back", async () => {
    const host = await start("llama-cli");
    rmSync(folder, { recursive: true });

    const answer = await host.ask();

    expect(answer).toMatchObject(unavailable);
    mkdirSync(folder);
    await host.askFaultless("after");
  });
});
