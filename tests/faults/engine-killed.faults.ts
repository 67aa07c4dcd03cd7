import { constants } from "node:os";
import { closeAfterEach } from "./helpers/close-after-each.ts";
import { FaultyApplication } from "./helpers/faulty-application.ts";
import { engineNames, type Stage, stagesOf, wholeText } from "./helpers/planned-engine.ts";
import { expectHonest } from "./helpers/served-answer.ts";

/** Signals that do not end a process, and second names of others. */
const harmlessSignals = [
  ["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"],
  ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"],
  ["SIGIOT", "SIGPOLL", "SIGUNUSED", "SIGINFO"],
].flat();

/** Real-time signals have numbers only: the first and the last of Linux's. */
const realTimeSignals = process.platform === "linux" ? [34, 64] : [];

/** Every signal that ends a program which does not handle it. */
const endingSignals: readonly (string | number)[] = [
  ...Object.keys(constants.signals).filter((name) => !harmlessSignals.includes(name)),
  ...realTimeSignals,
];

/** A resident engine passes these only when a request starts it again. */
const startStages: readonly Stage[] = ["start", "load"];

/** Once text has been sent, a stream fails otherwise than a whole answer. */
const textStages: readonly Stage[] = ["answer", "exit"];

const opened = closeAfterEach();

describe.each(engineNames)("%s", (engine) => {
  it.each(stagesOf[engine])(
    "fails one request and answers the next after any signal kills it $when",
    async ({ stage }) => {
      const application = opened(await FaultyApplication.start(engine));
      const ways = textStages.includes(stage) ? (["ask", "stream"] as const) : (["ask"] as const);

      for (const fault of endingSignals) {
        for (const way of ways) {
          if (startStages.includes(stage)) await application.endResident();
          application.engine.plan({ stage, fault });
          const answer = await application[way]();
          // The last token may have been sent before the signal arrives.
          expectHonest(answer, fault, stage === "exit" ? wholeText[engine] : undefined);
          await application.askFaultless(fault);
        }
      }
    },
  );
});

describe("llama-server", () => {
  it("restarts and answers the same request when it is killed once while it reads the prompt", async () => {
    const application = opened(await FaultyApplication.start("llama-server"));
    const first = await application.residentPid();
    application.engine.plan({ stage: "prompt", fault: "SIGSEGV", isOnce: true });

    const answer = await application.ask();

    application.engine.expectWhole(answer, "killed once");
    expect(await application.residentPid()).not.toBe(first);
  });

  it("restarts for the next request after it is killed while idle", async () => {
    const application = opened(await FaultyApplication.start("llama-server"));
    await application.endResident();

    await application.askFaultless("idle");
  });
});
