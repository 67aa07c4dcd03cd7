import { type Spread, spreadOf } from "../statistics.ts";
import type { Comparison } from "./experiment.ts";
import type { Trial } from "./in-turn.ts";

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
 * Compares one figure of all alternatives. Ratios are taken round by round: what slows the machine
 * for a while slows both, and cancels out.
 *
 * @param names alternatives in the order to show; the first is the baseline
 * @throws RangeError for an alternative without trials
 */
export function compare(
  trials: readonly Trial[],
  figure: string,
  names: readonly string[],
): ComparisonRow[] {
  const [baseline = ""] = names;
  const base = byRound(trials, figure, baseline);
  return names.map((alternative) => {
    const own = byRound(trials, figure, alternative);
    const pairs = [...own].flatMap(([round, value]) => {
      const other = base.get(round);
      return other === undefined ? [] : [[value, other] as const];
    });
    const isBaseline = alternative === baseline;
    return {
      alternative,
      spread: spreadOf([...own.values()]),
      ratio: isBaseline ? undefined : spreadOf(pairs.map(([value, other]) => value / other)),
      difference: isBaseline ? undefined : spreadOf(pairs.map(([value, other]) => value - other)),
    };
  });
}

/** One figure of the alternatives that have it; the first of them is the baseline. */
export function measuredRows({ trials, names }: Comparison, figure: string): ComparisonRow[] {
  const measured = names.filter((name) => byRound(trials, figure, name).size > 0);
  return compare(trials, figure, measured);
}

/** Whether any trial has a figure. */
export function hasFigure(trials: readonly Trial[], figure: string): boolean {
  return trials.some(({ figures }) => figures[figure] !== undefined);
}

function byRound(trials: readonly Trial[], figure: string, name: string): Map<number, number> {
  const rows = trials.flatMap(({ alternative, round, figures }): [number, number][] => {
    const value = figures[figure];
    return alternative === name && value !== undefined ? [[round, value]] : [];
  });
  return new Map(rows);
}
