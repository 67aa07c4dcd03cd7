import type { WholeAnswer } from "../helpers/handler-host.ts";
import {
  type EngineName,
  engineNames,
  FaultyApplication,
  requestStagesOf,
  type Stage,
  stagesOf,
  wholeText,
} from "./helpers/faulty.ts";
import { expectHonest, type StreamedAnswer } from "./helpers/served-answer.ts";

// What becomes of a request whose engine is killed, hangs, or is left by the caller, at each stage.
// The fault suite goes through all ways; `make test` through a few.

/** A whole answer, or a stream. */
type Way = "ask" | "stream";

function atEachStage(
  title: string,
  stages: Readonly<Record<EngineName, readonly Stage[]>>,
  run: (engine: EngineName, stage: Stage) => Promise<void>,
): void {
  it.each(engineNames.flatMap((engine) => stages[engine].map((stage) => [engine, stage] as const)))(
    title,
    run,
  );
}

/** Kills the engine by each of these signals. */
export function describeEngineKilled(signals: readonly (string | number)[]): void {
  const title = "%s, at stage %s, fails one request and answers the next after a signal kills it";
  atEachStage(title, stagesOf, async (engine, stage) => {
    const application = await FaultyApplication.start(engine);
    // Once text has been sent, a stream fails otherwise than a whole answer.
    const isInText = ["answer", "exit"].includes(stage);

    for (const fault of signals) {
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
}

/** Time of a request: 800 ms to the deadline, then 100 ms to SIGKILL. */
export const limitMs = 1000;
const deadlineMs = 800;
const killDelayMs = 100;

/** What the test's own process and a busy machine may add. */
const slackMs = 500;

/** Fails unless an answer ends by the deadline: 504 without text, else 200 with the text so far. */
export function expectDeadline(
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

/** Has the engine hang until the deadline, in each of these ways. */
export function describeEngineStuck(
  ways: readonly { readonly fault: string; readonly way: Way }[],
): void {
  const title = "%s, hanging at stage %s, is killed at the deadline and answers the next request";
  atEachStage(title, requestStagesOf, async (engine, stage) => {
    const application = await FaultyApplication.start(engine, { limitMs });

    for (const { fault, way } of ways) {
      const resident = await application.residentPid();
      application.plan({ stage, fault });
      expectDeadline(await application[way](), fault, stage);
      application.plan();
      await application.gone(resident);
      await application.askFaultless(fault);
    }
  });
}

/** Has the caller of each of these ways leave while the engine hangs. */
export function describeCallerGone(ways: readonly Way[]): void {
  const title = "%s, left by its caller at stage %s, is stopped and answers the next request";
  atEachStage(title, requestStagesOf, async (engine, stage) => {
    const application = await FaultyApplication.start(engine);

    for (const way of ways) {
      const resident = await application.residentPid();
      application.plan({ stage, fault: "hang" });
      const caller = new AbortController();
      const isCut = application[way](caller.signal).then(
        (answer) => "isBroken" in answer && answer.isBroken,
        () => true,
      );
      await application.faultReached();
      caller.abort();
      expect(await isCut).toBe(true);
      application.plan();
      await application.gone(resident);
      await application.askFaultless(stage);
    }
  });
}
