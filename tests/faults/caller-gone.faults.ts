import { closedBehind } from "../helpers/closed-behind.ts";
import {
  type EngineName,
  engineNames,
  requestStagesOf,
  type Stage,
  stageWords,
} from "../helpers/fakes/planned-engine.ts";
import { serveApplication } from "../helpers/http-server.ts";
import { processesWith } from "../helpers/processes.ts";
import { goldenModel, referenceLlamaServer } from "../helpers/reference.ts";
import { outcomeOf, streamAnswer } from "../helpers/served-answer.ts";
import { itSurvives, slowest } from "./helpers/fault.ts";
import { type FaultyApplication, startFaultyApplication } from "./helpers/faulty-application.ts";

/** What the next request may have to wait for: patience, the kill delay, a restart, a busy machine. */
const mostWaitMs = 2500;

const opened = closedBehind();
let application: FaultyApplication;

describe.each(engineNames)("%s: the caller gone", (engine) => {
  for (const stage of requestStagesOf[engine]) {
    itSurvives({
      fault: stageWords[stage],
      must: "the engine stops at once, with no process left at work; the next request works",
      run: () => leave(engine, stage),
    });
  }
});

/** Leaves an engine that would never end, asked for a whole answer and for a stream. */
async function leave(engine: EngineName, stage: Stage) {
  application = opened(await startFaultyApplication({ engine }));
  const goneMs: number[] = [];
  const next: number[] = [];
  for (const ask of [application.ask, application.stream]) {
    const resident = engine === "llama-server" ? await application.residentPid() : undefined;
    application.plan({ stage, fault: "hang" });
    const caller = new AbortController();
    const isCut = ask(caller.signal).then(
      (answer) => "isBroken" in answer && answer.isBroken,
      () => true,
    );
    await application.faultReached();
    const leftAt = performance.now();
    caller.abort();
    expect(await isCut).toBe(true);
    application.plan();
    await application.engineGone(resident);
    goneMs.push(performance.now() - leftAt);
    next.push((await application.askFaultless(stage)).tookMs);
  }
  return {
    happened: "the engine was stopped, the next request answered",
    figures: {
      "process gone after": `${Math.max(...goneMs).toFixed(0)} ms`,
      "slowest next answer": `${Math.max(...next).toFixed(0)} ms`,
    },
  };
}

describe("llama-server: the caller gone", () => {
  const question = { max_tokens: 400, temperature: 0 };
  /** Far more than the reference engine reads in a second. */
  const longPrompt = { messages: [{ role: "user", content: "Tell me a joke. ".repeat(400) }] };

  itSurvives({
    fault: stageWords.load,
    must: "it goes on loading, and answers the next request",
    async run() {
      const plan = { stage: "load", fault: "pause" } as const;
      application = opened(await startFaultyApplication({ engine: "llama-server", plan }));
      await application.faultReached();
      const loading = application.enginePids();
      await expect(application.ask(AbortSignal.timeout(50))).rejects.toThrow("timeout");

      const next = await application.askFaultless("load");

      expect(application.enginePids()).toEqual(loading);
      return { happened: `${outcomeOf(next)}, by the same process` };
    },
  });

  itSurvives({
    fault: "in the middle of an answer that goes on well (reference engine)",
    must: "the engine is kept, and free for the next request",
    async run() {
      const observed = await leaveWell(question, (onPiece) => ({ onPiece }));
      expect(observed.isKept).toBe(true);
      return observed;
    },
  });

  itSurvives({
    fault: "half a second into a long prompt (reference engine)",
    must: "the next request does not wait until the prompt has been read",
    run: () =>
      leaveWell({ ...question, ...longPrompt }, (onPiece) => {
        setTimeout(onPiece, 500);
        return {};
      }),
  });
});

/** Leaves a resident engine that has nothing wrong with it, and asks again at once. */
async function leaveWell(settings: object, watch: (leave: () => void) => { onPiece?: () => void }) {
  const variables = {
    BITNET_ENGINE: "llama-server",
    BITNET_LLAMA_SERVER: referenceLlamaServer,
    BITNET_MODEL: goldenModel,
  };
  const { url, application: asked } = opened(await serveApplication(variables));
  await asked.engine.settled();
  const before = processesWith(goldenModel);
  const alone = await streamAnswer(url, { settings: { max_tokens: 4, temperature: 0 } });
  const caller = new AbortController();
  let leftAt = 0;
  const leave = () => {
    leftAt ||= performance.now();
    caller.abort();
  };
  await streamAnswer(url, { settings, signal: caller.signal, ...watch(leave) }).catch(
    () => undefined,
  );

  const next = await streamAnswer(url, { settings: { max_tokens: 4, temperature: 0 } });

  const freeMs = performance.now() - leftAt;
  const isKept = processesWith(goldenModel)[0] === before[0];
  expect(next).toMatchObject({ status: 200, content: alone.content, isDone: true });
  expect(freeMs).toBeLessThan(alone.tookMs + mostWaitMs);
  return {
    isKept,
    happened: `${outcomeOf(next)}, the engine ${isKept ? "kept" : "replaced"}`,
    figures: {
      "answered after the other left": `${freeMs.toFixed(0)} ms`,
      "alone in": slowest([alone]),
    },
  };
}
