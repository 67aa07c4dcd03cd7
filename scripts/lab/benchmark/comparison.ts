import { type Spread, spreadOf } from "../statistics.ts";
import type { Comparison } from "./experiment.ts";

/** One alternative and its comparison with the baseline. */
export interface ComparisonRow {
  readonly alternative: string;
  readonly spread: Spread;
  /** Its figure divided by the baseline's of the same round; none for the baseline. */
  readonly ratio: Spread | undefined;
  /** Its figure minus the baseline's of the same round; none for the baseline. */
  readonly difference: Spread | undefined;
}

/**
 * One figure of the alternatives that have it; the first of them is the baseline. Ratios are taken
 * round by round: what slows the machine for a while slows both, and cancels out.
 */
export function compare({ trials, names }: Comparison, figure: string): ComparisonRow[] {
  const measured = names.flatMap((alternative) => {
    const values = new Map<number, number>();
    for (const trial of trials.filter((one) => one.alternative === alternative)) {
      const value = trial.figures[figure];
      if (value !== undefined) values.set(trial.round, value);
    }
    return values.size === 0 ? [] : [{ alternative, values }];
  });
  const base = measured[0]?.values;
  return measured.map(({ alternative, values }) => {
    const againstBase = (relate: (value: number, other: number) => number) => {
      if (values === base) return undefined;
      const pairs = [...values].flatMap(([round, value]) => {
        const other = base?.get(round);
        return other === undefined ? [] : [relate(value, other)];
      });
      return spreadOf(pairs);
    };
    return {
      alternative,
      spread: spreadOf([...values.values()]),
      ratio: againstBase((value, other) => value / other),
      difference: againstBase((value, other) => value - other),
    };
  });
}
