import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, processesWith, waitUntil } from "../helpers/processes.ts";
import { FaultyHost } from "./helpers/faulty.ts";

/** Asks and does not wait: the host will not be there to answer. */
function askInVain(faulty: FaultyHost): void {
  faulty.ask().catch(() => undefined);
}

describe("a handler killed by SIGKILL", () => {
  it("leaves no llama-server and no watchdog when idle", async () => {
    const faulty = await FaultyHost.start("llama-server");
    await faulty.askFaultless("before");
    const [pid = Number.NaN] = faulty.pids();

    process.kill(faulty.host.pid, "SIGKILL");

    await faulty.gone();
    await waitUntil(() => processesWith(`parent-death-watchdog ${pid}`).length === 0);
  });

  // Of llama-cli that writes, the next write ends it by SIGPIPE. One that never writes may stay: a
  // known limit, two faults at once, and a watchdog for each request would cost each some
  // milliseconds. On Lambda the environment ends with the handler.
  it.each([
    [0, "llama-server", "load", "hang-deaf"],
    [0, "llama-server", "prompt", "hang-deaf"],
    [0, "llama-server", "answer", "hang-deaf"],
    [0, "llama-cli", "answer", "talk"],
    [1, "llama-cli", "prompt", "hang"],
  ] as const)(
    "leaves at most %i processes of %s, at stage %s with the fault %s",
    async (most, engine, stage, fault) => {
      const faulty = await FaultyHost.start(engine, { plan: { stage, fault } });
      askInVain(faulty);
      await faulty.faultReached();

      process.kill(faulty.host.pid, "SIGKILL");

      await waitUntil(() => !isAlive(faulty.host.pid));
      await waitUntil(() => faulty.pids().length <= most);
      for (const pid of faulty.pids()) process.kill(pid, "SIGKILL");
    },
  );
});

it("a handler ended by SIGTERM leaves no engine, at any of 30 moments of a request", async () => {
  for (let round = 0; round < 30; round++) {
    const faulty = await FaultyHost.start(round % 2 === 0 ? "llama-cli" : "llama-server");
    askInVain(faulty);
    await sleep(round * 3);
    await faulty.close();
  }
});
