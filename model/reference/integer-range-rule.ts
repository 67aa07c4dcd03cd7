/**
 * Integers between two limits, as a grammar over their digits.
 *
 * Source: _build_min_max_int of common/json-schema-to-grammar.cpp, llama.cpp@1f86f058 (read
 * 2026-11), whose text this is, faults included: integers end after 16 digits, and a lower limit
 * with a zero behind its first digit lets shorter numbers through (20 for 200).
 */

const MOST_DIGITS = 16;

/** The rule for integers from `min` to `max`; undefined is no limit. */
export function integerRangeRule(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return between(min, max);
  if (min !== undefined) return from(min, MOST_DIGITS, true);
  return upTo(max ?? 0, MOST_DIGITS);
}

function between(min: number, max: number): string {
  if (min < 0 && max < 0) return `"-" (${between(-max, -min)})`;
  if (min < 0) return `"-" (${between(0, -min)}) | ${between(0, max)}`;
  const last = String(max);
  const parts: string[] = [];
  let first = String(min);
  for (let digits = first.length; digits < last.length; digits++) {
    parts.push(sameLength(first, "9".repeat(digits)));
    first = `1${"0".repeat(digits)}`;
  }
  return [...parts, sameLength(first, last)].join(" | ");
}

/** Numbers between two of as many digits. */
function sameLength(first: string, last: string): string {
  let same = 0;
  while (same < first.length && first[same] === last[same]) same++;
  const head = same > 0 ? `"${first.slice(0, same)}"` : "";
  if (same === first.length) return head;
  return `${head}${same > 0 ? " " : ""}${fork(first.slice(same), last.slice(same))}`;
}

/** Numbers between two whose first digits differ. */
function fork(first: string, last: string): string {
  const [low, high] = [Number(first[0]), Number(last[0])];
  const digits = first.length - 1;
  if (digits === 0) return `[${low}-${high}]`;
  const [lowRest, highRest] = [first.slice(1), last.slice(1)];
  const [zeros, nines] = ["0".repeat(digits), "9".repeat(digits)];
  const parts: string[] = [];
  let isHighDone = false;
  if (lowRest === zeros) {
    parts.push(`${digitRange(low, high - 1)} ${moreDigits(digits, digits)}`);
  } else {
    parts.push(`[${low}] (${sameLength(lowRest, nines)})`);
    if (low < high - 1) {
      isHighDone = highRest === nines;
      const between = digitRange(low + 1, isHighDone ? high : high - 1);
      parts.push(`${between} ${moreDigits(digits, digits)}`);
    }
  }
  if (!isHighDone) parts.push(`${digitRange(high, high)} ${sameLength(zeros, highRest)}`);
  return `(${parts.join(" | ")})`;
}

/** Numbers from `min` on; `isWhole` says that they begin here, so not with a zero. */
function from(min: number, digitsLeft: number, isWhole: boolean): string {
  const fewer = Math.max(digitsLeft - 1, 1);
  if (min < 0) {
    return `"-" (${between(0, -min)}) | [0] | [1-9] ${moreDigits(0, digitsLeft - 1)}`;
  }
  if (min === 0) return isWhole ? `[0] | [1-9] ${moreDigits(0, fewer)}` : moreDigits(1, digitsLeft);
  const lowest = isWhole ? 1 : 0;
  if (min <= 9) {
    const longer = min > lowest ? `${digitRange(lowest, min - 1)} ${moreDigits(1, fewer)} | ` : "";
    return `${longer}${digitRange(min, 9)} ${moreDigits(0, fewer)}`;
  }
  return fromLong(String(min), fewer, lowest);
}

function fromLong(min: string, fewer: number, lowest: number): string {
  const first = Number(min[0]);
  const longer =
    first > 1 ? `${digitRange(lowest, first - 1)} ${moreDigits(min.length, fewer)} | ` : "";
  const higher =
    first < 9 ? ` | ${digitRange(first + 1, 9)} ${moreDigits(min.length - 1, fewer)}` : "";
  const rest = from(Number(min.slice(1)), fewer, false);
  return `${longer}${digitRange(first, first)} (${rest})${higher}`;
}

function upTo(max: number, digitsLeft: number): string {
  const fewer = Math.max(digitsLeft - 1, 1);
  if (max < 0) return `"-" (${from(-max, digitsLeft, false)})`;
  return `"-" [1-9] ${moreDigits(0, fewer)} | ${between(0, max)}`;
}

function digitRange(first: number, last: number): string {
  return first === last ? `[${first}]` : `[${first}-${last}]`;
}

function moreDigits(min: number, max: number): string {
  if (min === 1 && max === 1) return "[0-9]";
  return `[0-9]{${min === max ? min : `${min},${max}`}}`;
}
