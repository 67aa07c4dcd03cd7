import { AppError } from "../errors.ts";

/**
 * Maximum number of requests that wait while one is answered: a burst, of which the last still gets an
 * answer in time. On Lambda, each environment gets one request at a time, so none waits.
 */
export const defaultMostWaiting = 64;

/** Admits one request at a time, in the order of asking, while a bounded number waits. */
export class RequestQueue {
  readonly #mostWaiting: number;
  readonly #waiting = new Set<() => void>();
  #isTaken = false;

  constructor(mostWaiting = defaultMostWaiting) {
    this.#mostWaiting = mostWaiting;
  }

  /** The next request to enter would be refused. */
  get isFull(): boolean {
    return this.#isTaken && this.#waiting.size >= this.#mostWaiting;
  }

  /**
   * Waits for a request's turn.
   *
   * @returns a function that ends the turn; `undefined` when the signal aborts first, which frees the
   * place in the queue at once
   * @throws AppError `engine-busy` when the queue is full
   */
  async enter(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.isFull) {
      const message = `the model is answering and ${this.#mostWaiting} requests wait already: try again later`;
      throw new AppError("engine-busy", message);
    }
    if (this.#isTaken && !(await this.#waitForTurn(signal))) return undefined;
    return this.#takeTurn();
  }

  /** Whether the turn comes before the signal aborts. */
  #waitForTurn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = (isTurn: boolean) => {
        this.#waiting.delete(onTurn);
        signal.removeEventListener("abort", onAbort);
        resolve(isTurn);
      };
      const onTurn = () => leave(true);
      const onAbort = () => leave(false);
      this.#waiting.add(onTurn);
      signal.addEventListener("abort", onAbort);
    });
  }

  #takeTurn(): () => void {
    let isOver = false;
    this.#isTaken = true;
    return () => {
      if (!isOver) this.#passOn();
      isOver = true;
    };
  }

  #passOn(): void {
    const [next] = this.#waiting;
    this.#isTaken = next !== undefined;
    next?.();
  }
}
