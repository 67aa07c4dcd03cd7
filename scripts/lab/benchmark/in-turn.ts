/** Figures of one run, by name; the unit is in the name (`total_ms`). */
export type Figures = Readonly<Record<string, number>>;

/** One of the things that are compared. */
export interface Alternative {
  readonly name: string;
  /** Runs it once. `undefined`: it ran, but not as asked, and must not count. */
  run(): Promise<Figures | undefined>;
}

/** What came of one run of one alternative. */
export interface Trial {
  readonly alternative: string;
  /** From 1. Trials of one round stand side by side: the machine was the same for them. */
  readonly round: number;
  readonly figures: Figures;
}

/** How often alternatives run. */
export interface Rounds {
  readonly rounds: number;
  /** Rounds before those, which do not count: files get into the page cache, code is compiled. */
  readonly warmups: number;
  /** Told before each round, from 1 - `warmups` on. */
  readonly onRound: (round: number) => void;
}

/**
 * Runs every alternative once a round, each time in another order, so that neither a machine that
 * gets slower nor what one leaves behind for the next falls on the same one always.
 *
 * @throws RangeError when a run that does not count comes three times in a row for an alternative
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

/** Every alternative comes at every place equally often, and behind every other one. */
function inOrder(alternatives: readonly Alternative[], round: number): readonly Alternative[] {
  const shift = round % alternatives.length;
  const rotated = [...alternatives.slice(shift), ...alternatives.slice(0, shift)];
  const isBackwards = Math.floor(round / alternatives.length) % 2 === 1;
  return isBackwards ? rotated.toReversed() : rotated;
}

/** Runs for one result at the most. */
const longestStreak = 3;

async function figuresOf({ name, run }: Alternative): Promise<Figures> {
  for (let tries = 0; tries < longestStreak; tries++) {
    const figures = await run();
    if (figures !== undefined) return figures;
  }
  throw new RangeError(`${name} did not do what was asked of it, ${longestStreak} times in a row`);
}
