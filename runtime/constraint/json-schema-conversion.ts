/** A schema's conversion to a grammar, for the functions that write its expressions. */
export interface Conversion {
  /** Records a problem; returns an expression to go on with. */
  report(path: string, message: string): string;
  /** Names an expression, so that the grammar stays as small as the schema. */
  rule(kind: string, expression: string): string;
  /** The expression for a schema, which may be anything that a caller has sent. */
  expressionOf(schema: unknown, path: string, depth: number): string;
  /** `#/$defs/name`: a rule that is written once, so that schemas may contain themselves. */
  reference(reference: unknown, path: string): string;
}
