/**
 * The merging of byte pair encoding: the best-ranked pair of neighbours merges wherever it stands,
 * from the left, then the best-ranked of the pairs that there are now, until none has a rank.
 *
 * llama.cpp merges one pair at a time, from a queue. That is the same, since in a vocabulary that was
 * learned a pair ranks behind the merges that made its halves.
 */
export function mergeSymbols(
  symbols: readonly string[],
  ranks: ReadonlyMap<string, number>,
): string[] {
  let merged = [...symbols];
  for (;;) {
    const best = bestPair(merged, ranks);
    if (best === undefined) return merged;
    merged = mergeEach(merged, best);
  }
}

/** The pair of neighbours with the lowest rank, which is looked up as "left right". */
function bestPair(symbols: readonly string[], ranks: ReadonlyMap<string, number>) {
  let lowest = Number.POSITIVE_INFINITY;
  let best: string | undefined;
  for (let index = 1; index < symbols.length; index++) {
    const pair = `${symbols[index - 1]} ${symbols[index]}`;
    const rank = ranks.get(pair) ?? Number.POSITIVE_INFINITY;
    if (rank < lowest) [lowest, best] = [rank, pair];
  }
  return best;
}

function mergeEach(symbols: readonly string[], pair: string): string[] {
  const merged: string[] = [];
  for (let index = 0; index < symbols.length; index++) {
    const isPair = `${symbols[index]} ${symbols[index + 1]}` === pair;
    merged.push(isPair ? `${symbols[index]}${symbols[++index]}` : (symbols[index] as string));
  }
  return merged;
}
