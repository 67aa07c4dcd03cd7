import type { WholeAnswer } from "../helpers/handler-host.ts";
import { waitUntil } from "../helpers/processes.ts";
import {
  engineNames,
  FaultyApplication,
  requestStagesOf,
  type Stage,
  wholeText,
} from "./helpers/faulty.ts";
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

/** Fails unless an answer ends by the deadline: 504 without text, else 200 with the text so far. */
function expectDeadline(
  answer: WholeAnswer | StreamedAnswer,
  context: unknown,
  stage: Stage,
): void {
  // OpenAI has no word for the deadline but "length".
  const cut = "isDone" in answer ? "length" : "deadline";
  const none = { status: 504, code: "deadline-exceeded", finishReason: undefined };
  const some = { status: 200, finishReason: cut, content: "wörd0 wörd1 " };
  const whole = { status: 200, finishReason: "stop", content: wholeText["llama-cli"] };
  const expected = { answer: some, exit: whole }[stage as string] ?? none;
  expect({ context, ...answer }).toMatchObject({ context, ...expected });
  expect(answer.tookMs).toBeGreaterThan(deadlineMs - 50);
  expect(answer.tookMs).toBeLessThan(deadlineMs + killDelayMs + slackMs);
}

it.each(
  engineNames.flatMap((engine) => requestStagesOf[engine].map((stage) => [engine, stage] as const)),
)(
  "%s is killed at the deadline when it hangs at stage %s, and answers the next request",
  async (engine, stage) => {
    const application = await FaultyApplication.start(engine, { limitMs });

    for (const { fault, way } of ways) {
      const resident = await application.residentPid();
      application.plan({ stage, fault });
      expectDeadline(await application[way](), fault, stage);
      application.plan();
      await application.gone(resident);
      await application.askFaultless(fault);
    }
  },
);

it("llama-server keeps loading past a request's deadline, and answers the next request", async () => {
  const plan = { stage: "load", fault: "SIGSTOP" } as const;
  const application = await FaultyApplication.start("llama-server", { limitMs, plan });
  await waitUntil(() => application.pids().length > 0);
  const [pid = Number.NaN] = application.pids();

  for (const way of ["ask", "stream"] as const) {
    expectDeadline(await application[way](), "load", "load");
  }

  process.kill(pid, "SIGCONT");
  await application.askFaultless("load");
  expect(application.pids()).toEqual([pid]);
});
