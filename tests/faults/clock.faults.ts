import { closedBehind } from "../helpers/closed-behind.ts";
import { engineNames, expectWhole } from "../helpers/fakes/planned-engine.ts";
import { outcomeOf, type WholeAnswer } from "../helpers/served-answer.ts";
import { itSurvives, slowest, tally } from "./helpers/fault.ts";
import { type FaultyHost, startFaultyHost } from "./helpers/faulty-host.ts";

const hourMs = 60 * 60 * 1000;

/** Jumps of the wall clock, in hours. */
const jumps = [6, -12, 24 * 365, -24 * 365] as const;

/** What a busy machine may add. */
const slackMs = 700;

const opened = closedBehind();
let host: FaultyHost;

describe.each(engineNames)("the wall clock jumps during a request of %s", (engine) => {
  itSurvives({
    fault:
      "by 6 hours, 12 hours back, a year, and two years back, while an answer pauses for 400 ms",
    must: "the whole answer; its durations are those of a watch",
    async run() {
      host = opened(await startFaultyHost({ engine }));
      await host.askFaultless("before");
      const answers: WholeAnswer[] = [];
      for (const hours of jumps) {
        host.plan({ stage: "answer", fault: "pause" });
        const asked = host.ask();
        await host.faultReached();
        await host.shiftClock(hours * hourMs);
        const answer = await asked;
        expectWhole(engine, answer, hours);
        expect(answer.engineMs).toBeGreaterThan(350);
        expect(answer.engineMs).toBeLessThan(answer.tookMs);
        answers.push(answer);
      }
      return {
        happened: tally(answers.map(outcomeOf)),
        figures: {
          "longest as told": `${Math.max(...answers.map(({ engineMs = Number.NaN }) => engineMs)).toFixed(0)} ms`,
          "as measured outside": slowest(answers),
        },
      };
    },
  });

  itSurvives({
    fault: "by the same jumps, while the engine is stuck until the deadline at 800 ms",
    must: "504 at the deadline, no sooner and no later",
    async run() {
      host = opened(await startFaultyHost({ engine }));
      await host.askFaultless("before");
      const answers: WholeAnswer[] = [];
      for (const hours of jumps) {
        host.plan({ stage: "prompt", fault: "hang" });
        const asked = host.ask(undefined, 1000);
        await host.faultReached();
        await host.shiftClock(hours * hourMs);
        const answer = await asked;
        expect(answer).toMatchObject({ status: 504, code: "deadline-exceeded" });
        expect(answer.tookMs).toBeGreaterThan(750);
        expect(answer.tookMs).toBeLessThan(800 + slackMs);
        answers.push(answer);
        await host.askFaultless(hours);
      }
      return {
        happened: tally(answers.map(outcomeOf)),
        figures: { "slowest answer": slowest(answers) },
      };
    },
  });
});
