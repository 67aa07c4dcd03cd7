/** A GBNF grammar: rules by their names, in the order of the text. */
export type GrammarRules = ReadonlyMap<string, Alternates>;

/** One of these sequences matches. */
export type Alternates = readonly (readonly GrammarItem[])[];

/** One thing to match, `least` to `most` times; `most` is infinite for `*` and `+`. */
export type GrammarItem = GrammarMatcher & { readonly least: number; readonly most: number };

/** Code points, both ends included. */
export type CharacterRange = readonly [first: number, last: number];

/** What an item matches once. */
export type GrammarMatcher =
  /** These characters, as code points, one after the other. */
  | { readonly kind: "literal"; readonly characters: readonly number[] }
  /** One character in any of the ranges; if negated, one in none of them. */
  | {
      readonly kind: "class";
      readonly ranges: readonly CharacterRange[];
      readonly isNegated: boolean;
    }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "group"; readonly alternates: Alternates };
