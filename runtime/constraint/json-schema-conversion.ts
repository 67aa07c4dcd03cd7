import type { Problem } from "../errors.ts";

/** A schema on its way to a grammar. */
export interface Conversion {
  /** What has been found so far that cannot be enforced. */
  readonly problems: readonly Problem[];
  /** Notes a problem; gives an expression to go on with. */
  report(path: string, message: string): string;
  /** The rules that have been given names. */
  rules(): Readonly<Record<string, string>>;
  /** Gives an expression a name, so that the grammar stays as small as the schema. */
  rule(kind: string, expression: string): string;
  /** The expression for a schema, which may be anything that a caller has sent. */
  expressionOf(schema: unknown, path: string, depth: number): string;
  /** `#/$defs/name`: a rule that is written once, so that schemas may contain themselves. */
  reference(reference: unknown, path: string): string;
}
