/** Money that must not be passed. */
export interface Budget {
  readonly limitUsd: number;
  /** What is spent, with the most it can have been where AWS has not told. */
  readonly spentUsd: number;
  /** The part of it that AWS has not told. */
  readonly supposedUsd: number;
  /** Whether something that costs at most this much can be paid for. */
  allows(mostUsd: number): boolean;
  /** Spends what something cost; `undefined` counts as the most that it can have cost. */
  spend(usd: number | undefined, mostUsd: number): void;
}

/** A budget of which nothing is spent. */
export function createBudget(limitUsd: number): Budget {
  let spentUsd = 0;
  let supposedUsd = 0;
  return {
    limitUsd,
    get spentUsd() {
      return spentUsd;
    },
    get supposedUsd() {
      return supposedUsd;
    },
    allows: (mostUsd) => spentUsd + mostUsd <= limitUsd,
    spend(usd, mostUsd) {
      spentUsd += usd ?? mostUsd;
      if (usd === undefined) supposedUsd += mostUsd;
    },
  };
}
