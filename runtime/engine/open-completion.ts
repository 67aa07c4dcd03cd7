import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../errors.ts";
import type { CompletionEvent } from "./llama-server-output.ts";

/** A completion under way, which can be given up at any time. */
export interface OpenCompletion {
  /** The next event, or that it shall end. */
  next(): Promise<CompletionEvent | "aborted">;
  /** Gives up what is left; settles when the server is free for the next request, or replaced. */
  close(): Promise<void>;
}

/** A server that sent something this recently is generating and will notice the closed connection. */
const flowingMs = 1000;

/**
 * How long a silent server may take to send something before it is replaced. While it reads a
 * prompt it does not notice that its caller has gone, and a long prompt takes minutes; a restart
 * takes about half a second.
 */
const silenceMs = 250;

/** What giving up may need. */
export interface OpenCompletionParts {
  /** Settles when it shall end. */
  readonly aborted: Promise<"aborted">;
  readonly now: () => number;
  readonly replaceServer: () => Promise<void>;
}

/** Opens a completion on a connection of its own. */
export function openCompletion(
  open: (connection: AbortSignal) => AsyncGenerator<CompletionEvent>,
  { aborted, now, replaceServer }: OpenCompletionParts,
): OpenCompletion {
  const connection = new AbortController();
  const events = open(connection.signal);
  let pending: Promise<IteratorResult<CompletionEvent>> | undefined;
  let lastEventAt = Number.NEGATIVE_INFINITY;
  let isOver = false;
  let closing: Promise<void> | undefined;
  const close = async () => {
    const isFlowing = now() - lastEventAt < flowingMs;
    if (!isOver && !isFlowing && (await isSilent(pending))) await replaceServer();
    connection.abort();
  };
  return {
    async next() {
      pending = events.next();
      pending.catch(() => undefined);
      const step = await Promise.race([aborted, pending]);
      if (step === "aborted") return step;
      if (step.done) throw new AppError("engine-failed", "the engine's answer has no end");
      lastEventAt = now();
      isOver = step.value.stop;
      return step.value;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function isSilent(pending: Promise<unknown> | undefined): Promise<boolean> {
  if (pending === undefined) return false;
  const spoke = () => false;
  const timer = new AbortController();
  const silence = sleep(silenceMs, true, { signal: timer.signal }).catch(() => true);
  const isSilent = await Promise.race([silence, pending.then(spoke, spoke)]);
  timer.abort();
  return isSilent;
}
