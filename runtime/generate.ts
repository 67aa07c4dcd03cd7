import type { AnswerEnd } from "./answer.ts";
import type { Engine } from "./engine/engine.ts";
import { AppError } from "./errors.ts";
import type {
  EngineFinishReason,
  FinishReason,
  GenerationEvent,
  GenerationRequest,
} from "./generation.ts";
import { createStopFinder } from "./stop-sequences.ts";

/** What bounds one generation from outside, and who is notified of its end. */
export interface GenerationOptions {
  /** Aborts when the caller disconnects. */
  readonly signal: AbortSignal;
  /** Time the engine may take, in milliseconds; the text so far is then the answer. */
  readonly timeMs: number;
  /** Called with the end of a complete answer, before it is yielded. */
  readonly onEnd?: (end: AnswerEnd) => void;
  /** Called when the reader leaves before the end. */
  readonly onLeft?: () => void;
}

/**
 * More characters than any token has; a vocabulary's longest are runs of some hundred spaces. An
 * engine that sends more text than its tokens can hold is broken.
 */
const longestTokenCharacters = 512;

/** Why the engine was stopped before its own end. The first cause counts. */
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
  options: GenerationOptions,
): AsyncGenerator<GenerationEvent> {
  const interruption = interruptible(options);
  const stops = createStopFinder(request.settings.stop);
  const checkLength = lengthCheck(request.settings.n_predict);
  let hasText = false;
  let isLeft = true;
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
      if (reason === "deadline" && !hasText) throw deadlineExceeded(options.timeMs);
      const end = { ...event, finishReason: reason };
      isLeft = false;
      options.onEnd?.(end);
      yield end;
    }
  } catch (error) {
    isLeft = false;
    throw error;
  } finally {
    interruption.release();
    if (isLeft) options.onLeft?.();
  }
}

function interruptible({ signal, timeMs }: GenerationOptions) {
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
