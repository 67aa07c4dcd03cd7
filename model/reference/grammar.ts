/** A grammar that an answer has to follow, as rules. */

/** One character out of ranges, or one outside all of them. */
export interface Terminal {
  /** Code points, both ends included. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
  readonly isNegated: boolean;
}

/** A rule in another's place, by its number. */
export interface RuleReference {
  readonly rule: number;
}

export type GrammarElement = Terminal | RuleReference;

/** What a rule stands for: one of several sequences. */
export type Alternatives = readonly (readonly GrammarElement[])[];

/** A grammar whose references all lead to rules, and none of them back to itself at once. */
export interface Grammar {
  readonly rules: readonly Alternatives[];
  /** Where a text begins. */
  readonly root: number;
}

/** Whether an element stands for a rule. */
export function isReference(element: GrammarElement): element is RuleReference {
  return "rule" in element;
}
