import { AppError } from "../errors.ts";

/** Lets one at a time pass, in the order of asking, while a bounded number waits. */
export interface WaitingLine {
  /**
   * Settles when it is this one's turn; the function it gives ends the turn. Gives nothing when the
   * signal aborts before: the place in the line is free at once.
   *
   * @throws AppError `engine-busy` when as many wait as may
   */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
  /** Whoever entered now would be refused. */
  isFull(): boolean;
}

/** A line of which the first is let pass. */
export function createWaitingLine(mostWaiting: number): WaitingLine {
  const waiting = new Set<() => void>();
  let isTaken = false;
  const isFull = () => isTaken && waiting.size >= mostWaiting;

  const passOn = () => {
    const [next] = waiting;
    isTaken = next !== undefined;
    next?.();
  };
  const takeTurn = () => {
    let isOver = false;
    isTaken = true;
    return () => {
      if (!isOver) passOn();
      isOver = true;
    };
  };
  return {
    isFull,
    async enter(signal) {
      if (signal.aborted) return undefined;
      if (isFull()) throw lineFull(mostWaiting);
      if (!isTaken) return takeTurn();
      return (await turnComes(waiting, signal)) ? takeTurn() : undefined;
    },
  };
}

/** Waits behind the others: whether the turn came before the signal aborted. */
function turnComes(waiting: Set<() => void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const leave = (isTurn: boolean) => {
      waiting.delete(come);
      signal.removeEventListener("abort", giveUp);
      resolve(isTurn);
    };
    const come = () => leave(true);
    const giveUp = () => leave(false);
    waiting.add(come);
    signal.addEventListener("abort", giveUp);
  });
}

function lineFull(mostWaiting: number): AppError {
  const message = `the model is answering and ${mostWaiting} requests wait already: try again later`;
  return new AppError("engine-busy", message);
}
