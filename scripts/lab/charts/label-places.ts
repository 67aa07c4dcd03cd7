/** An upright rectangle, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How much of two boxes is the same, in square pixels. */
export function sharedArea(a: Box, b: Box): number {
  const wide = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const high = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, wide) * Math.max(0, high);
}

/** The candidate that lies on the least of what is there already; of equals the first. */
export function freestPlace(candidates: readonly Box[], taken: readonly Box[]): Box {
  const covered = (box: Box) => taken.reduce((sum, other) => sum + sharedArea(box, other), 0);
  const [first, ...others] = candidates;
  if (first === undefined) throw new RangeError("a label needs at least one place");
  return others.reduce((best, box) => (covered(box) < covered(best) ? box : best), first);
}

/**
 * Heights at which labels stand below each other without touching, near to where they want to be:
 * one that would touch the next lower one is moved up.
 *
 * @param wanted middle of each label
 * @param bounds highest and lowest middle; where there is no room for all, they go on below
 */
export function spreadOut(
  wanted: readonly number[],
  height: number,
  [top, bottom]: readonly [number, number],
): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => at(wanted, a) - at(wanted, b));
  const places = new Map<number, number>();
  let lowest = bottom + height;
  // From below, so that none leaves the bottom; then from above, so that none leaves the top.
  for (const index of order.toReversed()) {
    lowest = Math.min(at(wanted, index), lowest - height);
    places.set(index, lowest);
  }
  let highest = top - height;
  for (const index of order) {
    highest = Math.max(places.get(index) ?? 0, highest + height);
    places.set(index, highest);
  }
  return wanted.map((_, index) => places.get(index) ?? 0);
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}
