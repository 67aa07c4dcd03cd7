/** How many tokens two texts have in common before they differ. */
export function commonBeginning(one: readonly number[], other: readonly number[]): number {
  const length = one.findIndex((token, index) => token !== other[index]);
  return length < 0 ? one.length : length;
}
