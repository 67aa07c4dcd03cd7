/** Figures of one run by name, which ends with the unit (`total_ms`). */
export type Figures = Readonly<Record<string, number>>;

/** Runs an alternative once; `undefined` when it ran, but not as requested, and must not count. */
export type Run = () => Promise<Figures | undefined>;

/** The things that are compared, by name. */
export type Alternatives = Readonly<Record<string, Run>>;

/** What came of one run of one alternative. */
export interface Trial {
  readonly alternative: string;
  /** From 1. Trials of one round ran one after the other, on a machine in the same state. */
  readonly round: number;
  readonly figures: Figures;
}

/** How often the alternatives run. */
export interface Rounds {
  readonly rounds: number;
  /** Rounds before those that do not count, to fill the page cache and to compile code. */
  readonly warmups: number;
  /** Called before each round, from 1 - `warmups` on. */
  readonly onRound: (round: number) => void;
}

/**
 * Runs every alternative once a round, each time in another order, so that neither a machine that
 * gets slower nor the effects of the previous run always fall on the same alternative.
 *
 * @throws RangeError when three runs of an alternative in a row do not count
 */
export async function measureInTurn(
  alternatives: Alternatives,
  { rounds, warmups, onRound }: Rounds,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (let round = 1 - warmups; round <= rounds; round++) {
    onRound(round);
    for (const [alternative, run] of inOrder(Object.entries(alternatives), round + warmups)) {
      const figures = await figuresOf(alternative, run);
      if (round > 0) trials.push({ alternative, round, figures });
    }
  }
  return trials;
}

/** Every item comes at every position equally often, and after every other one. */
function inOrder<Item>(items: readonly Item[], round: number): readonly Item[] {
  const shift = round % items.length;
  const rotated = [...items.slice(shift), ...items.slice(0, shift)];
  const isBackwards = Math.floor(round / items.length) % 2 === 1;
  return isBackwards ? rotated.toReversed() : rotated;
}

/** Maximum number of runs for one result. */
const longestStreak = 3;

async function figuresOf(name: string, run: Run): Promise<Figures> {
  for (let tries = 0; tries < longestStreak; tries++) {
    const figures = await run();
    if (figures !== undefined) return figures;
  }
  throw new RangeError(`${name} did not run as requested, ${longestStreak} times in a row`);
}
