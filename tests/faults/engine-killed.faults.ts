import { closedBehind } from "../helpers/closed-behind.ts";
import { endingSignals } from "../helpers/ending-signals.ts";
import {
  type EngineName,
  engineNames,
  type Stage,
  stagesOf,
  stageWords,
  wholeText,
} from "../helpers/fakes/planned-engine.ts";
import { expectHonest, outcomeOf, type WholeAnswer } from "../helpers/served-answer.ts";
import { itSurvives, slowest, tally } from "./helpers/fault.ts";
import { type FaultyApplication, startFaultyApplication } from "./helpers/faulty-application.ts";

/** What goes wrong while a resident engine starts is seen by a request that has it started. */
const startStages: readonly Stage[] = ["start", "load"];

/** With text on its way, a stream is another thing than a whole answer. */
const textStages: readonly Stage[] = ["answer", "exit"];

const opened = closedBehind();
let application: FaultyApplication;

describe.each(engineNames)("%s killed by every signal", (engine) => {
  for (const stage of stagesOf[engine]) {
    itSurvives({
      fault: stageWords[stage],
      must: "500 or 503, a stream ends with an error event and without [DONE]; the next request works",
      run: () => killByEverySignal(engine, stage),
    });
  }
});

async function killByEverySignal(engine: EngineName, stage: Stage) {
  application = opened(await startFaultyApplication({ engine }));
  const failed: WholeAnswer[] = [];
  const next: WholeAnswer[] = [];
  const { ask, stream } = application;
  const asks = textStages.includes(stage) ? [ask, stream] : [ask];
  for (const fault of endingSignals) {
    for (const put of asks) {
      if (startStages.includes(stage)) await application.endResident();
      application.plan({ stage, fault });
      const answered = await put();
      // The end of an answer may be there when the engine is not any more.
      expectHonest(answered, fault, stage === "exit" ? wholeText[engine] : undefined);
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
