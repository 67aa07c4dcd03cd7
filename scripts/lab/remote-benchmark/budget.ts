/** USD that may be spent on invocations. */
export class Budget {
  readonly limitUsd: number;
  #spentUsd = 0;
  #assumedUsd = 0;

  constructor(limitUsd: number) {
    this.limitUsd = limitUsd;
  }

  /** What was spent, with the most that a call can have cost where AWS reports nothing. */
  get spentUsd(): number {
    return this.#spentUsd;
  }

  /** The share of {@link spentUsd} that AWS did not report. */
  get assumedUsd(): number {
    return this.#assumedUsd;
  }

  /** Whether a call that costs at most this much fits. */
  allows(mostUsd: number): boolean {
    return this.#spentUsd + mostUsd <= this.limitUsd;
  }

  /** Books a call; `undefined` counts as the most that it can have cost. */
  spend(usd: number | undefined, mostUsd: number): void {
    this.#spentUsd += usd ?? mostUsd;
    if (usd === undefined) this.#assumedUsd += mostUsd;
  }
}
