import { closedBehind } from "../helpers/closed-behind.ts";
import { isAlive, processesWith, waitUntil } from "../helpers/processes.ts";
import { itSurvives, slowest } from "./helpers/fault.ts";
import { type FaultyHost, startFaultyHost } from "./helpers/faulty-host.ts";

const opened = closedBehind();
let host: FaultyHost;

/** Milliseconds until no engine of the host is left. */
async function untilGone(): Promise<string> {
  const startedAt = performance.now();
  await host.engineGone();
  return `${(performance.now() - startedAt).toFixed(0)} ms`;
}

/** Asks and does not wait: the host will not be there to answer. */
function askInVain(): void {
  host.ask().catch(() => undefined);
}

describe("the handler's process killed outright (SIGKILL)", () => {
  itSurvives({
    fault: "while llama-server has nothing to do",
    must: "the engine is gone, and its watch",
    async run() {
      host = opened(await startFaultyHost({ engine: "llama-server" }));
      const answer = await host.askFaultless("before");
      const [engine = Number.NaN] = host.enginePids();

      process.kill(host.pid, "SIGKILL");

      const goneAfter = await untilGone();
      await waitUntil(() => processesWith(`parent-death-watchdog ${engine}`).length === 0);
      return {
        happened: "no process left",
        figures: { "engine gone after": goneAfter, "answered before in": slowest([answer]) },
      };
    },
  });

  for (const stage of ["load", "prompt", "answer"] as const) {
    itSurvives({
      fault: `while llama-server is stuck (${stage})`,
      must: "the engine is gone",
      async run() {
        host = opened(
          await startFaultyHost({
            engine: "llama-server",
            plan: { stage, fault: "hang-deaf" },
          }),
        );
        askInVain();
        await host.faultReached();

        process.kill(host.pid, "SIGKILL");

        return { happened: "no process left", figures: { "engine gone after": await untilGone() } };
      },
    });
  }

  itSurvives({
    fault: "while llama-cli writes its answer",
    must: "the engine ends at its next write, by SIGPIPE",
    async run() {
      host = opened(
        await startFaultyHost({
          engine: "llama-cli",
          plan: { stage: "answer", fault: "talk" },
        }),
      );
      askInVain();
      await host.faultReached();

      process.kill(host.pid, "SIGKILL");

      return { happened: "no process left", figures: { "engine gone after": await untilGone() } };
    },
  });

  itSurvives({
    fault: "while llama-cli is stuck and never writes",
    must: "the engine is gone",
    async run() {
      host = opened(
        await startFaultyHost({
          engine: "llama-cli",
          plan: { stage: "prompt", fault: "hang" },
        }),
      );
      askInVain();
      await host.faultReached();

      process.kill(host.pid, "SIGKILL");

      await waitUntil(() => !isAlive(host.pid));
      const left = host.enginePids();
      for (const pid of left) process.kill(pid, "SIGKILL");
      return {
        happened:
          left.length === 0
            ? "no process left"
            : "it stays until someone ends it: two faults at once, and a watch for each request would cost each some milliseconds. On Lambda the environment goes with the handler",
        isKnownLimit: left.length > 0,
      };
    },
  });

  itSurvives({
    fault: "by SIGTERM instead, 30 times, at any time of a request",
    must: "no engine is left, whatever it was doing",
    async run() {
      let left = 0;
      for (let round = 0; round < 30; round++) {
        const engine = round % 2 === 0 ? "llama-cli" : "llama-server";
        host = opened(await startFaultyHost({ engine }));
        askInVain();
        await new Promise((resolve) => setTimeout(resolve, round * 3));
        await host.close().catch(() => left++);
      }
      expect(left).toBe(0);
      return { happened: "no process left", figures: { rounds: 30 } };
    },
  });
});
