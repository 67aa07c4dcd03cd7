import { closedBehind } from "../helpers/closed-behind.ts";
import {
  type EngineName,
  engineNames,
  expectWhole,
  type Plan,
} from "../helpers/fakes/planned-engine.ts";
import { peakMemoryMiB } from "../helpers/peak-memory.ts";
import { expectHonest, outcomeOf, type WholeAnswer } from "../helpers/served-answer.ts";
import { itSurvives, slowest, tally } from "./helpers/fault.ts";
import { type FaultyApplication, startFaultyApplication } from "./helpers/faulty-application.ts";
import { type FaultyHost, startFaultyHost } from "./helpers/faulty-host.ts";

/** What 100 MB may add to the handler's memory at most. */
const floodAllowanceMiB = 60;

const noProc = process.platform === "linux" ? undefined : "there is no /proc to read memory from";

describe.each(engineNames)("%s floods", (engine) => {
  const opened = closedBehind();
  let host: FaultyHost;

  itSurvives({
    fault: "its standard error with 100 MiB",
    must: "the answer is right, the handler's memory bounded",
    notHere: noProc,
    run: () =>
      flood({ stage: "prompt", fault: "flood-stderr" }, (answer) => {
        expectWhole(engine, answer, "flood");
      }),
  });

  itSurvives({
    fault: "its standard output with 100 MiB",
    must:
      engine === "llama-cli"
        ? "no answer but 500, the handler's memory bounded"
        : "the answer is right (it is a log), the handler's memory bounded",
    notHere: noProc,
    run: () =>
      flood({ stage: "answer", fault: "flood-stdout" }, (answer) => {
        if (engine === "llama-cli") expectHonest(answer, "flood");
        else expectWhole(engine, answer, "flood");
      }),
  });

  async function flood(plan: Plan, judge: (answer: WholeAnswer) => void) {
    host = opened(await startFaultyHost({ engine }));
    await host.askFaultless("before");
    const before = peakMemoryMiB(host.pid) ?? Number.NaN;
    host.plan(plan);

    const answer = await host.ask();

    const after = peakMemoryMiB(host.pid) ?? Number.NaN;
    judge(answer);
    expect(after - before).toBeLessThan(floodAllowanceMiB);
    const next = await host.askFaultless("after");
    return {
      happened: `${outcomeOf(answer)}; next: ${outcomeOf(next)}`,
      figures: {
        "handler's peak before": `${before.toFixed(0)} MiB`,
        "and after": `${after.toFixed(0)} MiB`,
        "answered after": slowest([answer]),
      },
    };
  }
});

describe("output that breaks off", () => {
  const opened = closedBehind();
  let application: FaultyApplication;

  const start = async (engine: EngineName, plan: Plan, limitMs?: number) => {
    application = opened(await startFaultyApplication({ engine, ...(limitMs && { limitMs }) }));
    if (engine === "llama-server") await application.residentPid();
    application.plan(plan);
  };

  itSurvives({
    fault: "llama-cli closes its output in the middle of the answer and ends with exit code 0",
    must: "500, a stream ends with an error event; the next request works",
    run: async () => {
      await start("llama-cli", { stage: "answer", fault: "close-stdout" });

      const answers = [await application.ask(), await application.stream()];

      for (const answer of answers) expectHonest(answer, "closed");
      const next = await application.askFaultless("closed");
      return { happened: `${tally(answers.map(outcomeOf))}; next: ${outcomeOf(next)}` };
    },
  });

  itSurvives({
    fault: "llama-cli closes its output and stays",
    must: "the text so far at the deadline, the process gone",
    run: async () => {
      await start("llama-cli", { stage: "answer", fault: "close-stdout-and-hang" }, 1000);

      const answer = await application.ask();

      expect(answer).toMatchObject({ finishReason: "deadline", content: "wörd0 wörd1 " });
      await application.engineGone();
      const next = await application.askFaultless("closed");
      return {
        happened: `${outcomeOf(answer)}; next: ${outcomeOf(next)}`,
        figures: { deadline: "800 ms", "answered after": slowest([answer]) },
      };
    },
  });

  itSurvives({
    fault: "llama-server closes its output, which is only a log",
    must: "the answer is right",
    run: async () => {
      await start("llama-server", { stage: "answer", fault: "close-stdout-and-go-on" });

      const answer = await application.ask();

      expectWhole("llama-server", answer, "closed");
      return { happened: outcomeOf(answer) };
    },
  });

  itSurvives({
    fault: "llama-cli's text ends in the middle of a character",
    must: "the text with U+FFFD in its place, as the engine ended well; in a stream as well",
    run: async () => {
      await start("llama-cli", { stage: "answer", fault: "half-character" });

      const answers = [await application.ask(), await application.stream()];

      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 200, content: "wörd0 wörd1 \ufffd" });
      }
      return { happened: tally(answers.map(outcomeOf)) };
    },
  });

  itSurvives({
    fault: "llama-server's answer ends in the middle of a character",
    must: "500, a stream ends with an error event; the next request works",
    run: async () => {
      await start("llama-server", { stage: "answer", fault: "half-event" });

      const answers = [await application.ask(), await application.stream()];

      for (const answer of answers) expectHonest(answer, "half");
      const next = await application.askFaultless("half");
      return { happened: `${tally(answers.map(outcomeOf))}; next: ${outcomeOf(next)}` };
    },
  });
});

describe.each(engineNames)("nobody reads the log of a handler with %s", (engine) => {
  const opened = closedBehind();
  let host: FaultyHost;

  itSurvives({
    fault: "its standard output and standard error are closed",
    must: "it answers, and tells of failures, as before",
    run: async () => {
      host = opened(await startFaultyHost({ engine }));
      host.child.stdout?.destroy();
      host.child.stderr?.destroy();
      const answers: WholeAnswer[] = [];
      for (let round = 0; round < 3; round++) {
        answers.push(await host.askFaultless(round));
        host.plan({ stage: "prompt", fault: "exit-1" });
        const failed = await host.ask();
        expectHonest(failed, round);
        answers.push(failed);
      }
      return { happened: tally(answers.map(outcomeOf)) };
    },
  });
});
