/** A GBNF grammar: rules by their names, in the order of the text. */
export type GrammarRules = ReadonlyMap<string, Alternates>;

/** One of these sequences matches. */
export type Alternates = readonly (readonly GrammarItem[])[];

/** One thing to match, `least` to `most` times; `most` is infinite for `*` and `+`. */
export type GrammarItem = GrammarMatcher & { readonly least: number; readonly most: number };

/** What an item matches once. */
export type GrammarMatcher =
  | { readonly kind: "characters"; readonly symbols: number }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "group"; readonly alternates: Alternates };
