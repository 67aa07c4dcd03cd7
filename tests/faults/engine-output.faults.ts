import { readFileSync } from "node:fs";
import type { WholeAnswer } from "../helpers/handler-host.ts";
import { engineNames, FaultyApplication, FaultyHost } from "./helpers/faulty.ts";
import { itOnLinux } from "./helpers/opened.ts";
import { expectHonest } from "./helpers/served-answer.ts";

/** What 100 MiB may add to the handler's memory at most. */
const floodAllowanceMiB = 60;

/** The most memory that a process has ever held, in MiB. */
function peakMemoryMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

for (const [engine, stage, fault, isWhole] of [
  ["llama-cli", "prompt", "flood-stderr", true],
  ["llama-cli", "answer", "flood-stdout", false],
  ["llama-server", "prompt", "flood-stderr", true],
  ["llama-server", "answer", "flood-stdout", true],
] as const) {
  const outcome = isWhole ? "answers" : "fails";
  itOnLinux(
    `a handler with ${engine} ${outcome} in bounded memory after 100 MiB of ${fault.replace("flood-", "")}`,
    async () => {
      const faulty = await FaultyHost.start(engine);
      await faulty.askFaultless("before");
      const before = peakMemoryMiB(faulty.host.pid);
      faulty.plan({ stage, fault });

      const answer = await faulty.ask();

      expect(peakMemoryMiB(faulty.host.pid) - before).toBeLessThan(floodAllowanceMiB);
      if (isWhole) faulty.expectWhole(answer, fault);
      else expectHonest(answer, fault);
      await faulty.askFaultless("after");
    },
  );
}

it.each(engineNames)(
  "a handler with %s answers and reports failures while its own output and log are closed",
  async (engine) => {
    const faulty = await FaultyHost.start(engine);
    faulty.host.child.stdout?.destroy();
    faulty.host.child.stderr?.destroy();

    for (let round = 0; round < 3; round++) {
      await faulty.askFaultless(round);
      faulty.plan({ stage: "prompt", fault: "exit-1" });
      expectHonest(await faulty.ask(), round);
    }
  },
);

const cutText = (answer: WholeAnswer) =>
  expect(answer).toMatchObject({ status: 200, content: "wörd0 wörd1 " });
const failed = (answer: WholeAnswer) => expectHonest(answer, "output");

it.each([
  ["llama-cli", "close-stdout", "fails when it ends well but closes its output early", failed],
  ["llama-cli", "half-character", "leaves out the half character that its text ends with", cutText],
  ["llama-server", "half-event", "fails when its answer ends in half a character", failed],
] as const)("%s, by %s, %s, and answers the next request", async (engine, fault, _how, check) => {
  const application = await FaultyApplication.start(engine);
  await application.residentPid();
  application.plan({ stage: "answer", fault });

  check(await application.ask());
  check(await application.stream());

  await application.askFaultless(fault);
});

it("llama-cli returns the text so far at the deadline when it closes its output and hangs", async () => {
  const application = await FaultyApplication.start("llama-cli", { limitMs: 1000 });
  application.plan({ stage: "answer", fault: "close-stdout-and-hang" });

  const answer = await application.ask();

  expect(answer).toMatchObject({ finishReason: "deadline", content: "wörd0 wörd1 " });
  await application.gone();
  await application.askFaultless("closed");
});

it("llama-server answers after it closes its output, which is only a log", async () => {
  const application = await FaultyApplication.start("llama-server");
  application.plan({ stage: "answer", fault: "close-stdout-and-go-on" });

  application.expectWhole(await application.ask(), "closed");
});
