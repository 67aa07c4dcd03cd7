import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, processesWith, waitUntil } from "../helpers/processes.ts";
import { type FaultyHost, startFaultyHost } from "./helpers/faulty.ts";
import type { EngineName, Plan } from "./helpers/planned-engine.ts";

/** Starts a handler and has its engine reach a fault. */
async function stuckHost(engine: EngineName, plan: Plan): Promise<FaultyHost> {
  const host = await startFaultyHost(engine, { plan });
  askInVain(host);
  await host.engine.faultReached();
  return host;
}

/** Asks and does not wait: the host will not be there to answer. */
function askInVain(host: FaultyHost): void {
  host.ask().catch(() => undefined);
}

describe("a handler killed by SIGKILL", () => {
  it("leaves no llama-server and no watchdog when idle", async () => {
    const host = await startFaultyHost("llama-server");
    await host.askFaultless("before");
    const [pid = Number.NaN] = host.engine.pids();

    process.kill(host.pid, "SIGKILL");

    await host.engine.gone();
    await waitUntil(() => processesWith(`parent-death-watchdog ${pid}`).length === 0);
  });

  it.each(["load", "prompt", "answer"] as const)(
    "leaves no llama-server that ignores SIGTERM at stage %s",
    async (stage) => {
      const host = await stuckHost("llama-server", { stage, fault: "hang-deaf" });

      process.kill(host.pid, "SIGKILL");

      await host.engine.gone();
    },
  );

  it("leaves no llama-cli that writes: the next write ends it by SIGPIPE", async () => {
    const host = await stuckHost("llama-cli", { stage: "answer", fault: "talk" });

    process.kill(host.pid, "SIGKILL");

    await host.engine.gone();
  });

  // A known limit: two faults at once, and a watchdog for each request would cost each some
  // milliseconds. On Lambda the environment ends with the handler.
  it("leaves at most the one llama-cli that hangs and never writes", async () => {
    const host = await stuckHost("llama-cli", { stage: "prompt", fault: "hang" });

    process.kill(host.pid, "SIGKILL");

    await waitUntil(() => !isAlive(host.pid));
    const left = host.engine.pids();
    for (const pid of left) process.kill(pid, "SIGKILL");
    expect(left.length).toBeLessThanOrEqual(1);
  });
});

describe("a handler ended by SIGTERM", () => {
  it("leaves no engine, at any of 30 moments of a request", async () => {
    for (let round = 0; round < 30; round++) {
      const host = await startFaultyHost(round % 2 === 0 ? "llama-cli" : "llama-server");
      askInVain(host);
      await sleep(round * 3);
      await host.close();
    }
  });
});
