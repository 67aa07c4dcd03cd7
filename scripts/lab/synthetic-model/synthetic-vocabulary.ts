import { bytesToAlphabet } from "../../../model/formats/byte-alphabet.ts";
import { MersenneTwister } from "../../../model/formats/mersenne-twister.ts";

/** A made-up byte-level BPE vocabulary. */
export interface SyntheticVocabulary {
  /** Normal tokens, then the special ones. */
  readonly tokens: readonly string[];
  readonly kinds: readonly number[];
  /** "left right", in order of rank. */
  readonly merges: readonly string[];
  readonly beginningOfText: number;
  readonly endOfText: number;
  readonly endOfTurn: number;
}

/** Special tokens of Llama 3, whose vocabulary BitNet has. */
const specialTokens = 256;
const namedSpecialTokens: ReadonlyMap<number, string> = new Map([
  [0, "<|begin_of_text|>"],
  [1, "<|end_of_text|>"],
  [9, "<|eot_id|>"],
]);
/** `tokenizer.ggml.token_type`. */
const kind = { normal: 1, control: 3 } as const;

const letters = [..."etaoinshrdlucmfwypvbgkjqxz"];
const longestToken = 10;

/**
 * Makes up a vocabulary: every byte is a token; every other normal token is one merge of two
 * earlier ones. First all pairs of letters, and of a space and a letter; then pieces of words, drawn
 * at random, the short ones oftener. So any text has tokens, and English some six for ten letters.
 */
export function syntheticVocabulary(normalTokens: number, seed: number): SyntheticVocabulary {
  const bytes = [...bytesToAlphabet(Uint8Array.from({ length: 256 }, (_, byte) => byte))];
  const merges = take(mergesFrom(seed), normalTokens - bytes.length);
  const special = Array.from({ length: specialTokens }, (_, index) => {
    return namedSpecialTokens.get(index) ?? `<|reserved_special_token_${index}|>`;
  });
  return {
    tokens: [...bytes, ...merges.map((merge) => merge.replace(" ", "")), ...special],
    kinds: [
      ...new Array<number>(normalTokens).fill(kind.normal),
      ...new Array<number>(specialTokens).fill(kind.control),
    ],
    merges,
    beginningOfText: normalTokens,
    endOfText: normalTokens + 1,
    endOfTurn: normalTokens + 9,
  };
}

/** Merges without end, each of a text that no earlier one makes. */
function* mergesFrom(seed: number): Generator<string> {
  const space = bytesToAlphabet(Buffer.from(" "));
  const pieces = [...letters, space];
  const known = new Set(pieces);
  const made = (left: string, right: string) => {
    const isNew = left.length + right.length <= longestToken && !known.has(left + right);
    if (isNew) {
      known.add(left + right);
      pieces.push(left + right);
    }
    return isNew;
  };
  for (const left of [space, ...letters]) {
    for (const right of letters) if (made(left, right)) yield `${left} ${right}`;
  }
  const random = new MersenneTwister(seed);
  const drawn = () => pieces[Math.floor(random.nextUnit() ** 2 * pieces.length)] ?? space;
  for (;;) {
    const [left, right] = [drawn(), drawn()];
    if (!right.startsWith(space) && made(left, right)) yield `${left} ${right}`;
  }
}

function take<Item>(items: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = [];
  if (count <= 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
