import type { EngineFinishReason, GenerationEvent, GenerationRequest } from "../generation.ts";
import { type Engine, untoldTimings } from "./engine.ts";
import type { WaitingLine } from "./request-queue.ts";

type Event = GenerationEvent<EngineFinishReason>;

/**
 * Requests that wait while one is answered. Enough for a burst, and few enough that the last of
 * them is still answered in time. Lambda gives an environment one request at a time, so there
 * nothing ever waits.
 */
export const mostWaiting = 64;

/**
 * An engine that is asked for one answer at a time, since its threads are sized for one: others
 * wait in the line, which is part of the time they have. Every way in leads through here.
 */
export function withAdmission(engine: Engine, line: WaitingLine, now: () => number): Engine {
  return {
    ...engine,
    generate: (request, signal) => generate({ engine, line, now }, request, signal),
  };
}

interface Parts {
  readonly engine: Engine;
  readonly line: WaitingLine;
  readonly now: () => number;
}

async function* generate(
  { engine, line, now }: Parts,
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const enteredAt = now();
  const endTurn = await line.enter(signal);
  if (endTurn === undefined) return yield neverBegun(now() - enteredAt);

  const events = engine.generate(request, signal)[Symbol.asyncIterator]();
  const ahead = readAheadOnAbort(events, signal, endTurn);
  try {
    for (;;) {
      const { value, done } = await (ahead.steps.shift() ?? events.next());
      if (done) return;
      yield value;
    }
  } finally {
    ahead.release();
    await events.return?.();
    endTurn();
  }
}

/**
 * When the signal aborts, reads what the engine still says, at once: whoever takes no more of an
 * answer that is over must not hold up the others.
 */
function readAheadOnAbort(events: AsyncIterator<Event>, signal: AbortSignal, onEnd: () => void) {
  const steps: Promise<IteratorResult<Event>>[] = [];
  const read = async () => {
    for (let isOver = false; !isOver; ) {
      const step = events.next();
      steps.push(step);
      isOver = await step.then(
        ({ done }) => done === true,
        () => true,
      );
    }
    onEnd();
  };
  const onAbort = () => void read();
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  return { steps, release: () => signal.removeEventListener("abort", onAbort) };
}

/** The end of an answer that was given up before its turn came. */
function neverBegun(totalMs: number): Event {
  return {
    type: "generation-end",
    finishReason: "aborted",
    usage: { promptTokens: null, predictedTokens: 0 },
    timings: { ...untoldTimings, firstTokenMs: null, totalMs },
  };
}
