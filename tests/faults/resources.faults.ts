import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EngineName,
  engineNames,
  FaultyHost,
  type FaultyHostSetup,
} from "./helpers/faulty.ts";
import { itOnLinux, itUnless } from "./helpers/opened.ts";

const unavailable = { status: 503, code: "engine-unavailable" };

/** A shell that sets a limit of its own and then becomes the program. */
const withLimit = (limit: string) => ["/bin/sh", "-c", `ulimit ${limit} && exec "$@"`, "limited"];

/**
 * Node.js's own `spawn` leaves two descriptors open when it runs out with four or with five left
 * (seen with a bare `spawn` of /bin/true, Node.js 20.20); with fewer it leaves none.
 */
const mostLeftOver = 4;

/** A handler that may open few files, once it has answered. */
async function startStarving(engine: EngineName) {
  const faulty = await FaultyHost.start(engine, { wrapper: withLimit("-n 128") });
  await faulty.askFaultless("before");
  return faulty;
}

describe("a handler with hardly any file descriptor", () => {
  for (const engine of engineNames) {
    itOnLinux(
      `and ${engine} answers or fails with engine-unavailable, and answers later`,
      async () => {
        const faulty = await startStarving(engine);
        const { host } = faulty;
        const before = (await host.state()).descriptors;
        const statuses: number[] = [];

        for (let leave = 0; leave <= 12; leave++) {
          await host.hoardDescriptors(leave);
          const resident = faulty.pids();
          // A request's own seed saves the descriptor that drawing one takes.
          for (const seed of [{}, { seed: 1 }]) {
            const answer = await faulty.ask({ prompt: "Hi there", ...seed });
            statuses.push(answer.status);
            if (answer.status === 200) faulty.expectWhole(answer, leave);
            else expect(answer).toMatchObject(unavailable);
          }
          expect(faulty.pids()).toEqual(resident);
          await host.releaseDescriptors();
          await faulty.askFaultless(leave);
        }

        expect(statuses[0]).toBe(503);
        const after = (await host.state()).descriptors;
        expect(after.length - before.length).toBeLessThanOrEqual(mostLeftOver);
      },
    );
  }

  itOnLinux("fails to restart llama-server, and restarts it later", async () => {
    const faulty = await startStarving("llama-server");
    await faulty.host.hoardDescriptors(0);
    for (const pid of faulty.pids()) process.kill(pid, "SIGKILL");
    await faulty.gone();

    expect(await faulty.ask()).toMatchObject(unavailable);

    await faulty.host.releaseDescriptors();
    await faulty.askFaultless("after");
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
  const longPrompt = "word ".repeat(20_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bitnet-small-disk-"));
  });
  afterEach(() => unmount(folder));

  const start = (engine: EngineName, setup: FaultyHostSetup = {}) =>
    FaultyHost.start(engine, { ...setup, variables: { TMPDIR: folder } });

  /** Mounts a small file system there, and fills it; returns the file that does. */
  function fill(): string {
    mountSmall(folder);
    const ballast = join(folder, "ballast");
    expect(() => writeFileSync(ballast, Buffer.alloc(1024 * 1024))).toThrow("ENOSPC");
    return ballast;
  }

  /** Fails unless a request gets no answer and leaves no file, and the next one does once mended. */
  async function expectUnavailable(faulty: FaultyHost, prompt = "Hi there", mend = () => {}) {
    expect(await faulty.ask({ prompt })).toMatchObject(unavailable);
    mend();
    expect(readdirSync(folder)).toEqual([]);
    await faulty.askFaultless("after");
    expect(readdirSync(folder)).toEqual([]);
  }

  itMounted("is full fails with llama-cli until there is room again", async () => {
    const faulty = await start("llama-cli");
    await faulty.askFaultless("before");
    const ballast = fill();

    await expectUnavailable(faulty, "Hi there", () => rmSync(ballast));
  });

  itMounted("is full answers with llama-server, which needs no file", async () => {
    fill();

    await (await start("llama-server")).askFaultless("full");
  });

  itMounted("is smaller than a prompt fails and answers a shorter one", async () => {
    mountSmall(folder);

    await expectUnavailable(await start("llama-cli"), longPrompt);
  });

  itOnLinux("takes small files only fails and answers a shorter prompt", async () => {
    await expectUnavailable(await start("llama-cli", { wrapper: withLimit("-f 8") }), longPrompt);
  });

  it("is removed fails with llama-cli until the folder is back", async () => {
    const faulty = await start("llama-cli");
    rmSync(folder, { recursive: true });

    await expectUnavailable(faulty, "Hi there", () => mkdirSync(folder));
  });
});
