import type { Engine } from "./engine/engine.ts";
import { AppError } from "./errors.ts";
import type {
  EngineFinishReason,
  FinishReason,
  GenerationEvent,
  GenerationRequest,
} from "./generation.ts";
import { createStopFinder } from "./stop-sequences.ts";

/** What bounds one generation from outside. */
export interface GenerationLimits {
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
  /** Time the engine may take, in milliseconds; what it has said by then is the answer. */
  readonly timeMs: number;
}

/**
 * Characters that a token is at most, with room to spare: a vocabulary's longest are runs of some
 * hundred spaces. An engine that says more than its tokens can be has lost its way.
 */
const longestTokenCharacters = 512;

/** Why the engine was told to stop before its own end. The first cause counts. */
type Cause = "stop_sequence" | "deadline" | "client-aborted";

/**
 * One answer: the engine's text up to the first stop string, within the time there is.
 *
 * @throws AppError `deadline-exceeded` when time ran out before any text, `client-aborted`, and
 * whatever the engine throws
 */
export async function* generate(
  engine: Engine,
  request: GenerationRequest,
  limits: GenerationLimits,
): AsyncGenerator<GenerationEvent> {
  const interruption = interruptible(limits);
  const stops = createStopFinder(request.settings.stop);
  const checkLength = lengthCheck(request.settings.n_predict);
  let hasText = false;
  try {
    for await (const event of engine.generate(request, interruption.signal)) {
      const isEnd = event.type === "generation-end";
      if (!isEnd) checkLength(event.text);
      const { text, isFound } = isEnd
        ? { text: stops.flush(), isFound: false }
        : stops.push(event.text);
      if (isFound) interruption.interrupt("stop_sequence");
      hasText ||= text !== "";
      if (text !== "") yield { type: "text-delta", text };
      if (!isEnd) continue;
      const reason = finishReason(event.finishReason, interruption.cause());
      if (reason === "deadline" && !hasText) throw deadlineExceeded(limits.timeMs);
      yield { ...event, finishReason: reason };
    }
  } finally {
    interruption.release();
  }
}

function interruptible({ signal, timeMs }: GenerationLimits) {
  const controller = new AbortController();
  let cause: Cause | undefined;
  const interrupt = (why: Cause) => {
    cause ??= why;
    controller.abort();
  };
  const onAbort = () => interrupt("client-aborted");
  const timer = setTimeout(() => interrupt("deadline"), Math.max(0, timeMs));
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  return {
    signal: controller.signal,
    interrupt,
    cause: () => cause,
    release() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

function finishReason(engineReason: EngineFinishReason, cause: Cause | undefined): FinishReason {
  // A stop string may be found in the last piece, when the engine has ended by itself.
  if (cause === "stop_sequence") return cause;
  if (engineReason !== "aborted") return engineReason;
  switch (cause) {
    case "deadline":
      return cause;
    case "client-aborted":
      throw new AppError(cause, "the caller has gone");
    case undefined:
      throw new AppError("engine-failed", "the engine stopped without having been told to");
    default:
      return cause satisfies never;
  }
}

/** Throws when all texts together are longer than so many tokens can be. */
function lengthCheck(tokens: number): (text: string) => void {
  let left = tokens * longestTokenCharacters;
  return (text) => {
    left -= text.length;
    if (left >= 0) return;
    throw new AppError("engine-failed", `the engine said more than ${tokens} tokens can be`);
  };
}

function deadlineExceeded(timeMs: number): AppError {
  const message = `no text within the ${Math.max(0, Math.round(timeMs))} ms there were: give the function more time or memory, send a shorter prompt, or ask when fewer others do`;
  return new AppError("deadline-exceeded", message);
}
