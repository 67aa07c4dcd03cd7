/**
 * A text's position in a grammar: a nondeterministic pushdown automaton that keeps all ways to
 * continue at once. Each way is a stack of sequences to return to.
 */
import { type Grammar, type GrammarElement, isReference, type Terminal } from "./grammar.ts";
import type { PartialCharacter } from "./partial-utf8.ts";

/** A position in a sequence, and the one to return to behind it; `undefined` is the end. */
interface Frame {
  readonly element: GrammarElement;
  readonly sequence: readonly GrammarElement[];
  readonly index: number;
  readonly below: Frame | undefined;
}

/** The ways to continue. The text can end here if `undefined` is one of them. */
type Ways = ReadonlySet<Frame | undefined>;

/** A position in the texts of a grammar. Immutable; `after` returns the next one. */
export class GrammarState {
  readonly #frames: FrameTable;
  readonly #ways: Ways;

  private constructor(frames: FrameTable, ways: Ways) {
    this.#frames = frames;
    this.#ways = ways;
  }

  /** The beginning of every text. */
  static start({ rules, root }: Grammar): GrammarState {
    const frames = new FrameTable(rules);
    return new GrammarState(frames, frames.enter(root));
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
    const next = new Set<Frame | undefined>();
    for (const frame of this.#ways) {
      if (frame && includes(terminalOf(frame), character)) this.#frames.advance(frame, next);
    }
    return new GrammarState(this.#frames, next);
  }

  /** Whether a character of which some bytes are missing could come next. */
  mayContinueWith(partial: PartialCharacter): boolean {
    return [...this.#ways].some((frame) => frame && includesPart(terminalOf(frame), partial));
  }
}

/** Makes frames, each only once, so that equal ways are identical. */
class FrameTable {
  readonly #rules: Grammar["rules"];
  readonly #frames = new Map<readonly GrammarElement[], Map<Frame | undefined, Frame>[]>();

  constructor(rules: Grammar["rules"]) {
    this.#rules = rules;
  }

  /** The ways into a rule with nothing behind it. */
  enter(rule: number): Ways {
    const ways = new Set<Frame | undefined>();
    this.#expandRule(rule, undefined, ways, new Set());
    return ways;
  }

  /** Adds the ways behind a frame's element. */
  advance({ sequence, index, below }: Frame, ways: Set<Frame | undefined>): void {
    this.#expand(this.#frameAt(sequence, index + 1, below), ways, new Set());
  }

  #expand(frame: Frame | undefined, ways: Set<Frame | undefined>, seen: Set<Frame>): void {
    if (!frame || !isReference(frame.element)) {
      ways.add(frame);
      return;
    }
    if (seen.has(frame)) return;
    seen.add(frame);
    const { sequence, index, below, element } = frame;
    this.#expandRule(element.rule, this.#frameAt(sequence, index + 1, below), ways, seen);
  }

  #expandRule(
    rule: number,
    below: Frame | undefined,
    ways: Set<Frame | undefined>,
    seen: Set<Frame>,
  ): void {
    for (const sequence of this.#rules[rule] ?? []) {
      this.#expand(this.#frameAt(sequence, 0, below), ways, seen);
    }
  }

  /** The frame at an index; past the end of a sequence it is the one below. */
  #frameAt(
    sequence: readonly GrammarElement[],
    index: number,
    below: Frame | undefined,
  ): Frame | undefined {
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
  if (isReference(element)) throw new TypeError("a way to go on is a rule");
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
