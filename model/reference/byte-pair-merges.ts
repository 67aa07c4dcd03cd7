/**
 * The merging of byte pair encoding: the best-ranked pair of neighbours merges, the leftmost on
 * ties, and its result may merge again.
 *
 * With a queue by rank, as in llama.cpp, a word of 100,000 letters takes seconds.
 */

/** A possible merge; out of date once one of its two symbols has merged otherwise. */
interface Merge {
  readonly rank: number;
  readonly left: number;
  readonly right: number;
  readonly text: string;
}

/** Merges symbols until no two neighbours have a rank, which is looked up as "left right". */
export function mergeSymbols(
  symbols: readonly string[],
  ranks: ReadonlyMap<string, number>,
): string[] {
  const texts = [...symbols]; // "" once merged into its left neighbour
  const previous = symbols.map((_, index) => index - 1);
  const next = symbols.map((_, index) => index + 1);
  const queue: Merge[] = [];
  const offer = (left = -1, right = -1) => {
    const [first, second] = [texts[left], texts[right]];
    const rank = ranks.get(`${first} ${second}`);
    if (rank !== undefined) push(queue, { rank, left, right, text: `${first}${second}` });
  };
  for (let index = 0; index + 1 < symbols.length; index++) offer(index, index + 1);
  for (let merge = pop(queue); merge; merge = pop(queue)) {
    const { left, right, text } = merge;
    const isOutdated = !texts[right] || `${texts[left]}${texts[right]}` !== text;
    if (isOutdated) continue;
    texts[left] = text;
    texts[right] = "";
    const after = next[right] ?? symbols.length;
    next[left] = after;
    previous[after] = left;
    offer(previous[left], left);
    offer(left, after);
  }
  return texts.filter((text) => text !== "");
}

/** Adds to a binary heap whose first entry comes before all others. */
function push(heap: Merge[], merge: Merge): void {
  let place = heap.length;
  heap.push(merge);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent];
    if (!above || comesBefore(above, merge)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = merge;
}

/** Takes the first entry of a binary heap. */
function pop(heap: Merge[]): Merge | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!last || heap.length === 0) return first;
  let place = 0;
  for (;;) {
    const child = firstChild(heap, place);
    const below = heap[child];
    if (!below || comesBefore(last, below)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = last;
  return first;
}

function firstChild(heap: readonly Merge[], place: number): number {
  const [left, right] = [2 * place + 1, 2 * place + 2];
  const [one, other] = [heap[left], heap[right]];
  return one && other && comesBefore(other, one) ? right : left;
}

function comesBefore(one: Merge, other: Merge): boolean {
  return one.rank < other.rank || (one.rank === other.rank && one.left < other.left);
}
