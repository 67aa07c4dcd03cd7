import { constants } from "node:os";
import { engineNames, FaultyApplication, stagesOf, wholeText } from "./helpers/faulty.ts";
import { expectHonest } from "./helpers/served-answer.ts";

/** Signals that do not end a process, and second names of others. */
const harmlessSignals =
  "SIGCHLD SIGCONT SIGURG SIGWINCH SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGIOT SIGPOLL SIGUNUSED SIGINFO";

/** Real-time signals have numbers only: the first and the last of Linux's. */
const realTimeSignals = process.platform === "linux" ? [34, 64] : [];

/** Every signal that ends a program which does not handle it. */
const endingSignals: readonly (string | number)[] = [
  ...Object.keys(constants.signals).filter((name) => !harmlessSignals.split(" ").includes(name)),
  ...realTimeSignals,
];

describe.each(engineNames)("%s", (engine) => {
  it.each(stagesOf[engine])(
    "fails one request and answers the next after any signal kills it at stage %s",
    async (stage) => {
      const application = await FaultyApplication.start(engine);
      // Once text has been sent, a stream fails otherwise than a whole answer.
      const isInText = ["answer", "exit"].includes(stage);

      for (const fault of endingSignals) {
        for (const way of isInText ? (["ask", "stream"] as const) : (["ask"] as const)) {
          // A resident engine passes these only when a request starts it again.
          if (["start", "load"].includes(stage)) await application.endResident();
          application.plan({ stage, fault });
          const answer = await application[way]();
          // The last token may have been sent before the signal arrives.
          expectHonest(answer, fault, stage === "exit" ? wholeText[engine] : undefined);
          await application.askFaultless(fault);
        }
      }
    },
  );
});

it("llama-server restarts and answers the same request when it is killed once while it reads the prompt", async () => {
  const application = await FaultyApplication.start("llama-server");
  const first = await application.residentPid();
  application.plan({ stage: "prompt", fault: "SIGSEGV", isOnce: true });

  application.expectWhole(await application.ask(), "killed once");

  expect(await application.residentPid()).not.toBe(first);
});

it("llama-server restarts for the next request after it is killed while idle", async () => {
  const application = await FaultyApplication.start("llama-server");
  await application.endResident();

  await application.askFaultless("idle");
});
