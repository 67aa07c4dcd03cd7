/** Figures of one run by name, which ends with the unit (`total_ms`). */
export type Figures = Readonly<Record<string, number>>;

/** One of the things that are compared. */
export interface Alternative {
  readonly name: string;
  /** Runs it once; `undefined` when it ran, but not as requested, and must not count. */
  run(): Promise<Figures | undefined>;
}

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
  alternatives: readonly Alternative[],
  { rounds, warmups, onRound }: Rounds,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (let round = 1 - warmups; round <= rounds; round++) {
    onRound(round);
    for (const alternative of inOrder(alternatives, round + warmups)) {
      const figures = await figuresOf(alternative);
      if (round > 0) trials.push({ alternative: alternative.name, round, figures });
    }
  }
  return trials;
}

/** Every alternative comes at every position equally often, and after every other one. */
function inOrder(alternatives: readonly Alternative[], round: number): readonly Alternative[] {
  const shift = round % alternatives.length;
  const rotated = [...alternatives.slice(shift), ...alternatives.slice(0, shift)];
  const isBackwards = Math.floor(round / alternatives.length) % 2 === 1;
  return isBackwards ? rotated.toReversed() : rotated;
}

/** Maximum number of runs for one result. */
const longestStreak = 3;

async function figuresOf({ name, run }: Alternative): Promise<Figures> {
  for (let tries = 0; tries < longestStreak; tries++) {
    const figures = await run();
    if (figures !== undefined) return figures;
  }
  throw new RangeError(`${name} did not run as requested, ${longestStreak} times in a row`);
}
