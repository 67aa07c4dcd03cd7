import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FaultyHost, type FaultyHostSetup, startFaultyHost } from "./helpers/faulty.ts";
import { itOnLinux, itUnless } from "./helpers/opened.ts";
import { type EngineName, engineNames } from "./helpers/planned-engine.ts";

const unavailable = { status: 503, code: "engine-unavailable" };

/** A shell that sets a limit of its own and then becomes the program. */
const withLimit = (limit: string) => ["/bin/sh", "-c", `ulimit ${limit} && exec "$@"`, "limited"];

/**
 * Node.js's own `spawn` leaves two descriptors open when it runs out with four or with five left
 * (seen with a bare `spawn` of /bin/true, Node.js 20.20); with fewer it leaves none.
 */
const mostLeftOver = 4;

describe.each(engineNames)("a handler with %s and hardly any file descriptor", (engine) => {
  itOnLinux(
    "answers or fails with engine-unavailable, and answers once there are descriptors again",
    async () => {
      const host = await startFaultyHost(engine, { wrapper: withLimit("-n 128") });
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
    },
  );
});

describe("a handler with llama-server and no file descriptor", () => {
  itOnLinux("fails to restart the engine, and restarts it later", async () => {
    const host = await startFaultyHost("llama-server", { wrapper: withLimit("-n 128") });
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

/** `it` where a small file system can be mounted. */
function itWithMounts() {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-mount-"));
  const isMounted = mountSmall(folder);
  unmount(folder);
  return itUnless(isMounted ? undefined : "only root may mount a small file system");
}

describe("a handler whose temporary folder", () => {
  const itMounted = itWithMounts();
  let folder: string;
  let ballast: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bitnet-small-disk-"));
    ballast = join(folder, "ballast");
  });
  afterEach(() => unmount(folder));

  const start = (engine: EngineName, setup: FaultyHostSetup = {}) =>
    startFaultyHost(engine, { ...setup, variables: { TMPDIR: folder } });

  /** Mounts a small file system there, and fills it. */
  function fill(): void {
    mountSmall(folder);
    expect(() => writeFileSync(ballast, Buffer.alloc(1024 * 1024))).toThrow("ENOSPC");
  }

  /** Fails unless a request gets no answer and leaves no file, and the next one does once mended. */
  async function expectUnavailable(host: FaultyHost, prompt = "Hi there", mend = () => {}) {
    expect(await host.ask({ prompt })).toMatchObject(unavailable);
    mend();
    expect(readdirSync(folder)).toEqual([]);
    await host.askFaultless("after");
  }
  const longPrompt = "word ".repeat(20_000);

  itMounted("is full fails with llama-cli until there is room again", async () => {
    const host = await start("llama-cli");
    await host.askFaultless("before");
    fill();

    await expectUnavailable(host, "Hi there", () => rmSync(ballast));
    expect(readdirSync(folder)).toEqual([]);
  });

  itMounted("is full answers with llama-server, which needs no file", async () => {
    fill();
    const host = await start("llama-server");

    await host.askFaultless("full");
  });

  itMounted("is smaller than a prompt fails and answers a shorter one", async () => {
    mountSmall(folder);
    await expectUnavailable(await start("llama-cli"), longPrompt);
  });

  itOnLinux("takes small files only fails and answers a shorter prompt", async () => {
    const host = await start("llama-cli", { wrapper: withLimit("-f 8") });
    await expectUnavailable(host, longPrompt);
  });

  it("is removed fails with llama-cli until the folder is back", async () => {
    const host = await start("llama-cli");
    rmSync(folder, { recursive: true });

    await expectUnavailable(host, "Hi there", () => mkdirSync(folder));
  });
});
