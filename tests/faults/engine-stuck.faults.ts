import { closedBehind } from "../helpers/closed-behind.ts";
import {
  type EngineName,
  engineNames,
  requestStagesOf,
  type Stage,
  stageWords,
  wholeText,
} from "../helpers/fakes/planned-engine.ts";
import { outcomeOf, type WholeAnswer } from "../helpers/served-answer.ts";
import { itSurvives, slowest, tally } from "./helpers/fault.ts";
import { type FaultyApplication, startFaultyApplication } from "./helpers/faulty-application.ts";

/** Time of a request: 800 ms to the deadline, then 100 ms to SIGKILL. */
const limitMs = 1000;
const deadlineMs = 800;
const killDelayMs = 100;

/** What the test's own process and a busy machine may add. */
const slackMs = 500;

/** Ways to be stuck: one that minds SIGTERM, one that does not, and one that does nothing at all. */
const ways = [
  { fault: "hang", ask: "ask" },
  { fault: "hang-deaf", ask: "stream" },
  { fault: "SIGSTOP", ask: "ask" },
  { fault: "SIGSTOP", ask: "stream" },
] as const;

/** What has been said by then; at the others nothing has. */
const textAt: Partial<Record<Stage, string>> = {
  answer: "wörd0 wörd1 ",
  exit: wholeText["llama-cli"],
};

const opened = closedBehind();
let application: FaultyApplication;

describe.each(engineNames)("%s stuck until the deadline", (engine) => {
  for (const stage of requestStagesOf[engine]) {
    itSurvives({
      fault: stageWords[stage],
      must: "all text, or that so far with finish_reason deadline (length), or 504, by the deadline and the kill delay; the process gone; the next request works",
      run: () => stuckInEveryWay(engine, stage),
    });
  }
});

async function stuckInEveryWay(engine: EngineName, stage: Stage) {
  const variables = {
    BITNET_DEADLINE_RESERVE_MS: String(limitMs - deadlineMs),
    BITNET_KILL_DELAY_MS: String(killDelayMs),
  };
  application = opened(await startFaultyApplication({ engine, variables, limitMs }));
  const stuck: WholeAnswer[] = [];
  const next: WholeAnswer[] = [];
  const goneMs: number[] = [];
  for (const { fault, ask } of ways) {
    const resident = engine === "llama-server" ? await application.residentPid() : undefined;
    application.plan({ stage, fault });
    const answered = await application[ask]();
    const answeredAt = performance.now();
    expectDeadline(answered, fault, stage);
    stuck.push(answered);
    application.plan();
    await application.engineGone(resident);
    goneMs.push(performance.now() - answeredAt);
    next.push(await application.askFaultless(fault));
  }
  return {
    happened: `${tally(stuck.map(outcomeOf))}; next: ${tally(next.map(outcomeOf))}`,
    figures: {
      deadline: `${deadlineMs} ms`,
      "slowest answer": slowest(stuck),
      "process gone after the answer by": `${Math.max(...goneMs).toFixed(0)} ms`,
      "slowest next answer": slowest(next),
    },
  };
}

/** Fails unless an answer tells of the deadline, in time, or is whole. */
function expectDeadline(answered: WholeAnswer, context: unknown, stage: Stage): void {
  const text = textAt[stage];
  const { status, finishReason, content, code, tookMs } = answered;
  // OpenAI has no word for the deadline but "length".
  const cut = "isDone" in answered ? "length" : "deadline";
  const some = { status: 200, finishReason: stage === "exit" ? "stop" : cut, content: text };
  const none = { status: 504, code: "deadline-exceeded", finishReason: undefined };
  expect({ context, status, finishReason, content, code }).toMatchObject({
    context,
    ...(text === undefined ? none : some),
  });
  expect(tookMs).toBeGreaterThan(deadlineMs - 50);
  expect(tookMs).toBeLessThan(deadlineMs + killDelayMs + slackMs);
}

describe("llama-server stuck until the deadline", () => {
  itSurvives({
    fault: "while it loads",
    must: "504 by the deadline; it may go on loading (for three minutes: a unit test); once it has, the next request works",
    async run() {
      application = opened(
        await startFaultyApplication({
          engine: "llama-server",
          limitMs,
          plan: { stage: "load", fault: "SIGSTOP" },
        }),
      );
      const [pid = Number.NaN] = await application.started();
      const stuck = [await application.ask(), await application.stream()];
      for (const answered of stuck) expectDeadline(answered, "load", "load");
      process.kill(pid, "SIGCONT");

      const next = await application.askFaultless("load");

      expect(application.enginePids()).toEqual([pid]);
      return {
        happened: `${tally(stuck.map(outcomeOf))}; next: ${outcomeOf(next)}, by the same process`,
        figures: { deadline: `${deadlineMs} ms`, "slowest answer": slowest(stuck) },
      };
    },
  });
});
