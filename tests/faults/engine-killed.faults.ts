import { closedBehind } from "../helpers/closed-behind.ts";
import { endingSignals } from "../helpers/ending-signals.ts";
import { itSurvives, slowest, tally } from "../helpers/fault.ts";
import { type FaultyApplication, startFaultyApplication } from "../helpers/faulty-application.ts";
import { type EngineName, engineNames, type Stage, wholeText } from "../helpers/planned-engine.ts";
import { expectHonest, outcomeOf, type WholeAnswer } from "../helpers/served-answer.ts";

interface StageUnderFire {
  readonly stage: Stage;
  readonly when: string;
  /** What goes wrong while a resident engine starts is seen by a request that has it started. */
  readonly isStart?: boolean;
  /** There may be text, so that a stream is another thing than a whole answer. */
  readonly hasText?: boolean;
}

const start = { stage: "start", when: "at its start", isStart: true } as const;
const load = { stage: "load", when: "while it loads", isStart: true } as const;
const count = { stage: "tokenize", when: "while it counts tokens" } as const;
const prompt = { stage: "prompt", when: "while it reads the prompt" } as const;
const answer = { stage: "answer", when: "in the middle of its answer", hasText: true } as const;
const exit = { stage: "exit", when: "behind its last token", hasText: true } as const;

const stages = {
  "llama-cli": [start, load, prompt, answer, exit],
  "llama-server": [start, load, count, prompt, answer, exit],
} as const satisfies Record<EngineName, readonly StageUnderFire[]>;

const opened = closedBehind();
let application: FaultyApplication;

describe.each(engineNames)("%s killed by every signal", (engine) => {
  for (const under of stages[engine]) {
    itSurvives({
      fault: under.when,
      must: "500 or 503, a stream ends with an error event and without [DONE]; the next request works",
      run: () => killByEverySignal(engine, under),
    });
  }
});

async function killByEverySignal(engine: EngineName, under: StageUnderFire) {
  application = opened(await startFaultyApplication({ engine }));
  const failed: WholeAnswer[] = [];
  const next: WholeAnswer[] = [];
  const asks = under.hasText ? [application.ask, application.stream] : [application.ask];
  for (const fault of endingSignals) {
    for (const ask of asks) {
      if (under.isStart) await application.endResident();
      application.plan({ stage: under.stage, fault });
      const answered = await ask();
      // The end of an answer may be there when the engine is not any more.
      expectHonest(answered, fault, under.stage === "exit" ? wholeText[engine] : undefined);
      failed.push(answered);
      next.push(await application.askFaultless(fault));
    }
  }
  return {
    happened: `${tally(failed.map(outcomeOf))}; next: ${tally(next.map(outcomeOf))}`,
    figures: {
      signals: endingSignals.length,
      "slowest failure": slowest(failed),
      "slowest next answer": slowest(next),
    },
  };
}

describe("llama-server killed once", () => {
  itSurvives({
    fault: "while it reads the prompt",
    must: "it is started again and answers the same request",
    async run() {
      application = opened(await startFaultyApplication({ engine: "llama-server" }));
      const first = await application.residentPid();
      application.plan({ stage: "prompt", fault: "SIGSEGV", isOnce: true });

      const answered = await application.ask();

      expect(answered).toMatchObject({ status: 200, content: wholeText["llama-server"] });
      expect(await application.residentPid()).not.toBe(first);
      return { happened: outcomeOf(answered), figures: { "answered after": slowest([answered]) } };
    },
  });

  itSurvives({
    fault: "while nobody asks for anything",
    must: "the next request starts it again and is answered",
    async run() {
      application = opened(await startFaultyApplication({ engine: "llama-server" }));
      await application.endResident();

      const answered = await application.askFaultless("idle");

      return { happened: outcomeOf(answered), figures: { "answered after": slowest([answered]) } };
    },
  });
});
