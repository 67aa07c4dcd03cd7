import type { Bench } from "./experiment.ts";
import type { Rounds } from "./in-turn.ts";

/**
 * So many rounds for an experiment, told as they go by.
 *
 * @param factor times as many as the bench was asked for, where one takes little time
 */
export function roundsOf({ rounds, onProgress }: Bench, factor = 1): Rounds {
  const count = Math.max(2, Math.round(rounds * factor));
  return {
    rounds: count,
    warmups: 2,
    onRound: (round) => onProgress(round < 1 ? "warming up" : `round ${round} of ${count}`),
  };
}
