import { bytesToAlphabet } from "../../../model/formats/byte-alphabet.ts";

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

/**
 * Makes up a vocabulary: every byte is a token; every other normal token is one merge of an earlier
 * one, or a space, and a letter, the short ones first. So any text has tokens, and English about one
 * for two letters.
 */
export function syntheticVocabulary(normalTokens: number): SyntheticVocabulary {
  const bytes = [...bytesToAlphabet(Uint8Array.from({ length: 256 }, (_, byte) => byte))];
  const merges: string[] = [];
  const pieces = [bytesToAlphabet(Buffer.from(" ")), ...letters];
  for (const left of pieces) {
    const missing = Math.max(0, normalTokens - bytes.length - merges.length);
    for (const right of letters.slice(0, missing)) {
      merges.push(`${left} ${right}`);
      pieces.push(left + right);
    }
    if (missing === 0) break;
  }
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
