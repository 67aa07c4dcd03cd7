/** What a {@link StopFinder} makes of a piece of text. */
export interface StopResult {
  /** Text that can be shown now. */
  readonly text: string;
  /** A stop string was found; all text behind it is dropped. */
  readonly isFound: boolean;
}

/**
 * Finds stop strings in a stream of text, across the borders of its pieces. Shows text as early as
 * possible: it holds back only what could be the beginning of a stop string. Where several are found,
 * the one that is complete first counts (the longer where two end together), so that the answer does
 * not depend on how the text was cut.
 */
export class StopFinder {
  readonly #stops: readonly string[];
  #held = "";
  #isFound = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  push(piece: string): StopResult {
    if (this.#isFound) return { text: "", isFound: true };
    const text = this.#held + piece;
    const at = firstStop(text, this.#stops);
    this.#isFound = at !== -1;
    const shown = this.#isFound ? at : text.length - heldLength(text, this.#stops);
    this.#held = this.#isFound ? "" : text.slice(shown);
    return { text: text.slice(0, shown), isFound: this.#isFound };
  }

  /** At the end of the stream: what was held back because a stop string might have followed. */
  flush(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }
}

/** Where the stop string begins that is complete first, or -1. */
function firstStop(text: string, stops: readonly string[]): number {
  const found = stops
    .map((stop) => ({ start: text.indexOf(stop), length: stop.length }))
    .filter(({ start }) => start !== -1)
    .toSorted((a, b) => a.start + a.length - (b.start + b.length) || a.start - b.start);
  return found[0]?.start ?? -1;
}

/** Length of the longest end of `text` that is the beginning of one of `stops`. */
export function heldLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
