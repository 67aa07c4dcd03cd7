/** Lets one at a time pass, in the order of asking. */
export interface Turns {
  /**
   * Settles when it is this one's turn; the function it gives ends the turn. Gives nothing, and
   * passes the turn on when it comes, when `givenUp` settles before.
   */
  next(givenUp: Promise<unknown>): Promise<(() => void) | undefined>;
}

/** Turns of which the first is free. */
export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return {
    async next(givenUp) {
      const before = last;
      let end = () => {};
      last = new Promise((resolve) => {
        end = resolve;
      });
      const isMine = await Promise.race([before.then(() => true), givenUp.then(() => false)]);
      if (isMine) return end;
      void before.then(end);
      return undefined;
    },
  };
}
