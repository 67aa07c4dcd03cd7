/** Largest whole number that a grammar writes: of 15 digits, which a double holds exactly. */
export const largestInteger = 10 ** 15 - 1;

/** An expression for the whole numbers from `minimum` to `maximum` of at most 15 digits, if any. */
export function integerRange(minimum: number, maximum: number): string | undefined {
  const [first, last] = [Math.max(-largestInteger, minimum), Math.min(largestInteger, maximum)];
  if (first > last) return undefined;
  const choices = [
    ...(first < 0 ? [`"-" (${naturals(Math.max(1, -last), -first)})`] : []),
    ...(last >= 0 ? [naturals(Math.max(0, first), last)] : []),
  ];
  return `(${choices.join(" | ")})`;
}

/** The numbers from 0 on, one choice for each number of digits. */
function naturals(first: number, last: number): string {
  const choices: string[] = [];
  for (let digits = `${first}`.length; digits <= `${last}`.length; digits++) {
    const least = Math.max(first, digits === 1 ? 0 : 10 ** (digits - 1));
    const most = Math.min(last, 10 ** digits - 1);
    choices.push(between(`${least}`, `${most}`));
  }
  return choices.join(" | ");
}

/** The texts of digits from one to another of the same length. */
function between(least: string, most: string): string {
  if (least === most) return `"${least}"`;
  const [low = "", high = ""] = [least[0], most[0]];
  const [lowRest, highRest] = [least.slice(1), most.slice(1)];
  if (low === high) return `"${low}" (${between(lowRest, highRest)})`;
  const length = lowRest.length;
  if (length === 0) return digit(low, high);
  const [isAllLow, isAllHigh] = [/^0*$/.test(lowRest), /^9*$/.test(highRest)];
  const first = isAllLow ? Number(low) : Number(low) + 1;
  const last = isAllHigh ? Number(high) : Number(high) - 1;
  return [
    ...(isAllLow ? [] : [`"${low}" (${between(lowRest, "9".repeat(length))})`]),
    ...(first <= last ? [`${digit(`${first}`, `${last}`)} [0-9]{${length}}`] : []),
    ...(isAllHigh ? [] : [`"${high}" (${between("0".repeat(length), highRest)})`]),
  ].join(" | ");
}

function digit(low: string, high: string): string {
  return low === high ? `"${low}"` : `[${low}-${high}]`;
}
