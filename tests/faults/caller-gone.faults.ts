import { itSurvives } from "../helpers/fault.ts";
import { type FaultyApplication, startFaultyApplication } from "../helpers/faulty-application.ts";
import { type EngineName, engineNames, type Stage } from "../helpers/planned-engine.ts";

const when = {
  start: "at the engine's start",
  load: "while the engine loads",
  tokenize: "while the engine counts tokens",
  prompt: "while the engine reads the prompt",
  answer: "in the middle of the answer",
  exit: "behind the engine's last token",
} as const satisfies Record<Stage, string>;

const stages = {
  "llama-cli": ["start", "load", "prompt", "answer", "exit"],
  "llama-server": ["tokenize", "prompt", "answer"],
} as const satisfies Record<EngineName, readonly Stage[]>;

let application: FaultyApplication;
afterEach(() => application.close());

describe.each(engineNames)("the caller of %s gone", (engine) => {
  for (const stage of stages[engine]) {
    itSurvives({
      fault: when[stage],
      must: "the engine stops at once, with no process left at work; the next request works",
      run: () => leave(engine, stage),
    });
  }
});

/** Leaves an engine that would never end, asked for a whole answer and for a stream. */
async function leave(engine: EngineName, stage: Stage) {
  application = await startFaultyApplication({ engine });
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
