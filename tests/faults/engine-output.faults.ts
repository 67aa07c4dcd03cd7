import { readFileSync } from "node:fs";
import { FaultyApplication, startFaultyHost } from "./helpers/faulty.ts";
import { itOnLinux } from "./helpers/opened.ts";
import { type EngineName, engineNames, type Plan } from "./helpers/planned-engine.ts";
import { expectHonest } from "./helpers/served-answer.ts";

/** What 100 MiB may add to the handler's memory at most. */
const floodAllowanceMiB = 60;

/** The most memory that a process has ever held, in MiB. */
function peakMemoryMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** Asks an engine that floods an output; fails when the handler's memory grows with it. */
async function askFlooding(engine: EngineName, plan: Plan) {
  const host = await startFaultyHost(engine);
  await host.askFaultless("before");
  const before = peakMemoryMiB(host.pid);
  host.engine.plan(plan);
  const answer = await host.ask();
  expect(peakMemoryMiB(host.pid) - before).toBeLessThan(floodAllowanceMiB);
  await host.askFaultless("after");
  return { host, answer };
}

describe.each(engineNames)("a handler with %s", (engine) => {
  itOnLinux("answers in bounded memory after 100 MiB of standard error", async () => {
    const plan = { stage: "prompt", fault: "flood-stderr" } as const;

    const { host, answer } = await askFlooding(engine, plan);

    host.engine.expectWhole(answer, "flood");
  });

  it("answers and reports failures while its own output and log are closed", async () => {
    const host = await startFaultyHost(engine);
    host.child.stdout?.destroy();
    host.child.stderr?.destroy();

    for (let round = 0; round < 3; round++) {
      await host.askFaultless(round);
      host.engine.plan({ stage: "prompt", fault: "exit-1" });
      expectHonest(await host.ask(), round);
    }
  });
});

/** Starts an application whose engine, once loaded, does what is planned for its answer. */
async function startOnAnswer(engine: EngineName, fault: string, limitMs?: number) {
  const setup = limitMs === undefined ? {} : { limitMs };
  const application = await FaultyApplication.start(engine, setup);
  await application.residentPid();
  application.engine.plan({ stage: "answer", fault });
  return application;
}

describe("llama-cli", () => {
  itOnLinux("fails in bounded memory after 100 MiB of standard output", async () => {
    const { answer } = await askFlooding("llama-cli", { stage: "answer", fault: "flood-stdout" });

    expectHonest(answer, "flood");
  });

  it("fails, then answers the next request, when it ends well but closes its output early", async () => {
    const application = await startOnAnswer("llama-cli", "close-stdout");

    const answers = [await application.ask(), await application.stream()];

    for (const answer of answers) expectHonest(answer, "closed");
    await application.askFaultless("closed");
  });

  it("returns the text so far at the deadline when it closes its output and hangs", async () => {
    const application = await startOnAnswer("llama-cli", "close-stdout-and-hang", 1000);

    const answer = await application.ask();

    expect(answer).toMatchObject({ finishReason: "deadline", content: "wörd0 wörd1 " });
    await application.engine.gone();
    await application.askFaultless("closed");
  });

  it("leaves out the half character that its text ends with", async () => {
    const application = await startOnAnswer("llama-cli", "half-character");

    const answers = [await application.ask(), await application.stream()];

    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 200, content: "wörd0 wörd1 " });
    }
  });
});

describe("llama-server", () => {
  itOnLinux("answers in bounded memory after 100 MiB of standard output", async () => {
    const plan = { stage: "answer", fault: "flood-stdout" } as const;

    const { host, answer } = await askFlooding("llama-server", plan);

    host.engine.expectWhole(answer, "flood");
  });

  it("answers after it closes its output, which is only a log", async () => {
    const application = await startOnAnswer("llama-server", "close-stdout-and-go-on");

    application.engine.expectWhole(await application.ask(), "closed");
  });

  it("fails, then answers the next request, when its answer ends in half a character", async () => {
    const application = await startOnAnswer("llama-server", "half-event");

    const answers = [await application.ask(), await application.stream()];

    for (const answer of answers) expectHonest(answer, "half");
    await application.askFaultless("half");
  });
});
