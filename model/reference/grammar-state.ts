/**
 * A text's position in a grammar: a nondeterministic pushdown automaton that keeps all ways to
 * continue at once. Each way is a stack of sequences to return to.
 */
import { type GrammarElement, type GrammarRule, isRule, type Terminal } from "./grammar.ts";

/** A character of which `remaining` bytes are missing, and the bits that are known. */
export interface PartialCharacter {
  readonly value: number;
  /** 0 when no character is begun. */
  readonly remaining: number;
}

type Sequence = readonly GrammarElement[];

/** A position in a sequence, and the one to return to behind it; `undefined` is the end. */
interface Place {
  readonly sequence: Sequence;
  readonly index: number;
  readonly below: Frame | undefined;
}

/** A place where there is an element. */
interface Frame extends Place {
  readonly element: GrammarElement;
}

/** The ways to continue. The text can end here if `undefined` is one of them. */
type Ways = ReadonlySet<Frame | undefined>;

/** A position in the texts of a grammar. Immutable; `after` returns the next one. */
export class GrammarState {
  readonly #frames: FrameTable;
  readonly #ways: Ways;
  /** Positions behind a character, as far as they were asked for. */
  readonly #next = new Map<number, GrammarState>();

  private constructor(frames: FrameTable, ways: Ways) {
    this.#frames = frames;
    this.#ways = ways;
  }

  /** The beginning of every text. */
  static start(root: GrammarRule): GrammarState {
    const frames = new FrameTable();
    const ways = new Set<Frame | undefined>();
    frames.expand({ sequence: [root], index: 0, below: undefined }, ways);
    return new GrammarState(frames, ways);
  }

  /** Whether a text can end here. */
  get mayEnd(): boolean {
    return this.#ways.has(undefined);
  }

  /** Whether no text of the grammar begins like this. */
  get isDead(): boolean {
    return this.#ways.size === 0;
  }

  /** The position behind one more character. */
  after(character: number): GrammarState {
    const known = this.#next.get(character);
    if (known) return known;
    const ways = new Set<Frame | undefined>();
    for (const frame of this.#ways) {
      if (!frame || !includes(terminalOf(frame), character)) continue;
      this.#frames.expand({ ...frame, index: frame.index + 1 }, ways);
    }
    const next = new GrammarState(this.#frames, ways);
    this.#next.set(character, next);
    return next;
  }

  /** Whether a character of which some bytes are missing could come next. */
  mayContinueWith(partial: PartialCharacter): boolean {
    return [...this.#ways].some((frame) => frame && includesPart(terminalOf(frame), partial));
  }
}

/** Makes frames, each only once, so that equal ways are identical. */
class FrameTable {
  readonly #frames = new Map<Sequence, Map<Frame | undefined, Frame>[]>();

  /** Adds the ways to continue at an index of a sequence. */
  expand(
    { sequence, index, below }: Place,
    ways: Set<Frame | undefined>,
    seen = new Set<Frame>(),
  ): void {
    const frame = this.#frameAt(sequence, index, below);
    if (!frame || !isRule(frame.element)) {
      ways.add(frame);
      return;
    }
    if (seen.has(frame)) return;
    seen.add(frame);
    const rest = this.#frameAt(frame.sequence, frame.index + 1, frame.below);
    for (const alternative of frame.element.alternatives) {
      this.expand({ sequence: alternative, index: 0, below: rest }, ways, seen);
    }
  }

  /** The frame at an index; past the end of a sequence it is the one below. */
  #frameAt(sequence: Sequence, index: number, below: Frame | undefined): Frame | undefined {
    const element = sequence[index];
    if (!element) return below;
    const indices = this.#frames.get(sequence) ?? sequence.map(() => new Map());
    this.#frames.set(sequence, indices);
    const known = indices[index]?.get(below);
    if (known) return known;
    const frame = { element, sequence, index, below };
    indices[index]?.set(below, frame);
    return frame;
  }
}

function terminalOf({ element }: Frame): Terminal {
  if (isRule(element)) throw new TypeError("a way to go on is a rule");
  return element;
}

function includes({ ranges, isNegated }: Terminal, character: number): boolean {
  return ranges.some(([first, last]) => first <= character && character <= last) !== isNegated;
}

/** As in llama.cpp, a character that may be one of the excluded ones counts as excluded. */
function includesPart({ ranges, isNegated }: Terminal, { value, remaining }: PartialCharacter) {
  const isOverlong = remaining === 1 && value < 2;
  if (isOverlong) return false;
  const high = ((value + 1) << (remaining * 6)) - 1;
  const low = value === 0 ? (smallestCodePoints[remaining] ?? 0) : value << (remaining * 6);
  return ranges.some(([first, last]) => first <= high && low <= last) !== isNegated;
}

/** The first code points that need two and three more bytes. */
const smallestCodePoints: Readonly<Record<number, number>> = { 2: 0x800, 3: 0x10000 };
