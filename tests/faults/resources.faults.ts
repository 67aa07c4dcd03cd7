import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedBehind } from "../helpers/closed-behind.ts";
import { engineNames, expectWhole } from "../helpers/fakes/planned-engine.ts";
import { outcomeOf, type WholeAnswer } from "../helpers/served-answer.ts";
import { itSurvives, slowest, tally } from "./helpers/fault.ts";
import { type FaultyHost, type FaultyHostSetup, startFaultyHost } from "./helpers/faulty-host.ts";

const opened = closedBehind();
let host: FaultyHost;

/** A shell that sets a limit of its own and then becomes what follows. */
const withLimit = (limit: string) => ["/bin/sh", "-c", `ulimit ${limit} && exec "$@"`, "limited"];

/**
 * Node.js's own `spawn` leaves two descriptors open when it runs out with four or with five left
 * (seen with a bare `spawn` of /bin/true, Node.js 20.20); with fewer it leaves none, so it ends there.
 */
const mostLeftOver = 4;
const whyLeftOver =
  "Node.js's own spawn leaves descriptors open when it runs out in the middle of making its pipes";

const noUnix = process.platform === "linux" ? undefined : "it is tried on Linux only";

describe.each(engineNames)("no file descriptors left, with %s", (engine) => {
  itSurvives({
    fault: "0 to 12 left in the handler's process, for two requests each",
    must: "the answer, or 503; with room again the next request works, by the same resident engine",
    notHere: noUnix,
    async run() {
      host = opened(await startFaultyHost({ engine, wrapper: withLimit("-n 128") }));
      await host.askFaultless("before");
      const before = (await host.state()).descriptors;
      const starved: WholeAnswer[] = [];
      const next: WholeAnswer[] = [];
      for (let leave = 0; leave <= 12; leave++) {
        await host.hoardDescriptors(leave);
        const resident = host.enginePids();
        // A seed of one's own saves the descriptor that drawing one takes.
        for (const seed of [{}, { seed: 1 }]) {
          const answer = await host.ask({ prompt: "Hi there", ...seed });
          if (answer.status === 200) expectWhole(engine, answer, leave);
          else expect(answer).toMatchObject({ status: 503, code: "engine-unavailable" });
          starved.push(answer);
        }
        expect(host.enginePids()).toEqual(resident);
        await host.releaseDescriptors();
        next.push(await host.askFaultless(leave));
      }
      expect(starved[0]?.status).toBe(503);
      const leftOver = (await host.state()).descriptors.length - before.length;
      expect(leftOver).toBeLessThanOrEqual(mostLeftOver);
      const told = `${tally(starved.map(outcomeOf))}; next: ${tally(next.map(outcomeOf))}`;
      return {
        happened: leftOver === 0 ? told : `${told}; ${whyLeftOver}`,
        figures: {
          "slowest answer": slowest(starved),
          "slowest next answer": slowest(next),
          "descriptors left over": leftOver,
        },
        isKnownLimit: leftOver > 0,
      };
    },
  });
});

describe("no file descriptors left, with llama-server", () => {
  itSurvives({
    fault: "when the engine must be started again",
    must: "503; with room again the next request works",
    notHere: noUnix,
    async run() {
      host = opened(
        await startFaultyHost({ engine: "llama-server", wrapper: withLimit("-n 128") }),
      );
      await host.askFaultless("before");
      await host.hoardDescriptors(0);
      for (const pid of host.enginePids()) process.kill(pid, "SIGKILL");
      await host.engineGone();

      const starved = await host.ask();

      await host.releaseDescriptors();
      const next = await host.askFaultless("after");
      expect(starved).toMatchObject({ status: 503, code: "engine-unavailable" });
      return { happened: `${outcomeOf(starved)}; next: ${outcomeOf(next)}` };
    },
  });
});

/** A small file system of its own, where this process may mount one. */
function mountSmall(path: string): string | undefined {
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path]);
  return status === 0 ? undefined : "only root may mount a small file system";
}

describe("the temporary folder's disk full", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bitnet-small-disk-"));
  });
  afterEach(() => {
    spawnSync("umount", [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  const startOn = (setup: FaultyHostSetup) =>
    startFaultyHost({ ...setup, variables: { TMPDIR: folder } });

  itSurvives({
    fault: "with llama-cli, a file system of 64 KiB that others have filled",
    must: "503, nothing left behind; with room again the next request works",
    notHere: smallDiskObstacle(),
    async run() {
      mountSmall(folder);
      host = opened(await startOn({ engine: "llama-cli" }));
      await host.askFaultless("before");
      fill(join(folder, "ballast"));

      const full = await host.ask();

      expect(full).toMatchObject({ status: 503, code: "engine-unavailable" });
      expect(readdirSync(folder)).toEqual(["ballast"]);
      rmSync(join(folder, "ballast"));
      const next = await host.askFaultless("after");
      expect(readdirSync(folder)).toEqual([]);
      return { happened: `${outcomeOf(full)}, no file left; next: ${outcomeOf(next)}` };
    },
  });

  itSurvives({
    fault: "with llama-cli, a prompt that does not fit into 64 KiB",
    must: "503, nothing left behind; a shorter prompt works",
    notHere: smallDiskObstacle(),
    run() {
      mountSmall(folder);
      return tooLong({ engine: "llama-cli" });
    },
  });

  itSurvives({
    fault: "with llama-cli, files limited to a few KiB (RLIMIT_FSIZE)",
    must: "503, nothing left behind; a shorter prompt works",
    notHere: noUnix,
    run: () => tooLong({ engine: "llama-cli", wrapper: withLimit("-f 8") }),
  });

  /** Asks with a prompt of 100 KB, then with a short one. */
  async function tooLong(setup: FaultyHostSetup) {
    host = opened(await startOn(setup));

    const full = await host.ask({ prompt: "word ".repeat(20_000) });

    expect(full).toMatchObject({ status: 503, code: "engine-unavailable" });
    expect(readdirSync(folder)).toEqual([]);
    const next = await host.askFaultless("after");
    return { happened: `${outcomeOf(full)}, no file left; next: ${outcomeOf(next)}` };
  }

  itSurvives({
    fault: "with llama-server, which is handed its prompts by loopback",
    must: "the answer",
    notHere: smallDiskObstacle(),
    async run() {
      mountSmall(folder);
      fill(join(folder, "ballast"));
      host = opened(await startOn({ engine: "llama-server" }));

      const answer = await host.askFaultless("full");

      return { happened: outcomeOf(answer) };
    },
  });

  itSurvives({
    fault: "with llama-cli, the folder gone altogether",
    must: "503; when it is back the next request works",
    async run() {
      host = opened(await startOn({ engine: "llama-cli" }));
      rmSync(folder, { recursive: true });

      const gone = await host.ask();

      expect(gone).toMatchObject({ status: 503, code: "engine-unavailable" });
      mkdirSync(folder);
      const next = await host.askFaultless("after");
      return { happened: `${outcomeOf(gone)}; next: ${outcomeOf(next)}` };
    },
  });
});

/** Why no small file system can be mounted, tried once. */
function smallDiskObstacle(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-mount-"));
  try {
    return mountSmall(folder);
  } finally {
    spawnSync("umount", [folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes until there is no room. */
function fill(path: string): void {
  expect(() => writeFileSync(path, Buffer.alloc(1024 * 1024))).toThrow("ENOSPC");
}
