import type { WholeAnswer } from "../helpers/handler-host.ts";
import { waitUntil } from "../helpers/processes.ts";
import { closeAfterEach } from "./helpers/close-after-each.ts";
import { FaultyApplication } from "./helpers/faulty-application.ts";
import { engineNames, requestStagesOf, type Stage, wholeText } from "./helpers/planned-engine.ts";
import type { StreamedAnswer } from "./helpers/served-answer.ts";

/** Time of a request: 800 ms to the deadline, then 100 ms to SIGKILL. */
const limitMs = 1000;
const deadlineMs = 800;
const killDelayMs = 100;

/** What the test's own process and a busy machine may add. */
const slackMs = 500;

/** Ends on SIGTERM; ignores SIGTERM; does not run at all. */
const ways = [
  { fault: "hang", way: "ask" },
  { fault: "hang-deaf", way: "stream" },
  { fault: "SIGSTOP", way: "ask" },
  { fault: "SIGSTOP", way: "stream" },
] as const;

/** The text that has been sent by then. */
const textAt: Partial<Record<Stage, string>> = {
  answer: "wörd0 wörd1 ",
  exit: wholeText["llama-cli"],
};

const opened = closeAfterEach();

/** Fails unless an answer ends by the deadline: 504 without text, else 200 with the text so far. */
function expectDeadline(
  answer: WholeAnswer | StreamedAnswer,
  context: unknown,
  stage: Stage,
): void {
  const text = textAt[stage];
  const { status, finishReason, content, code, tookMs } = answer;
  // OpenAI has no word for the deadline but "length".
  const cut = "isDone" in answer ? "length" : "deadline";
  const some = { status: 200, finishReason: stage === "exit" ? "stop" : cut, content: text };
  const none = { status: 504, code: "deadline-exceeded", finishReason: undefined };
  expect({ context, status, finishReason, content, code }).toMatchObject({
    context,
    ...(text === undefined ? none : some),
  });
  expect(tookMs).toBeGreaterThan(deadlineMs - 50);
  expect(tookMs).toBeLessThan(deadlineMs + killDelayMs + slackMs);
}

describe.each(engineNames)("%s", (engine) => {
  it.each(requestStagesOf[engine])(
    "is killed at the deadline when it hangs $when, and answers the next request",
    async ({ stage }) => {
      const application = opened(await FaultyApplication.start(engine, { limitMs }));

      for (const { fault, way } of ways) {
        const resident = await application.residentPid();
        application.engine.plan({ stage, fault });
        expectDeadline(await application[way](), fault, stage);
        application.engine.plan();
        await application.engine.gone(resident);
        await application.askFaultless(fault);
      }
    },
  );
});

describe("llama-server", () => {
  it("keeps loading past a request's deadline, and answers the next request", async () => {
    const plan = { stage: "load", fault: "SIGSTOP" } as const;
    const application = opened(await FaultyApplication.start("llama-server", { limitMs, plan }));
    await waitUntil(() => application.engine.pids().length > 0);
    const [pid = Number.NaN] = application.engine.pids();

    const answers = [await application.ask(), await application.stream()];

    for (const answer of answers) expectDeadline(answer, "load", "load");
    process.kill(pid, "SIGCONT");
    await application.askFaultless("load");
    expect(application.engine.pids()).toEqual([pid]);
  });
});
