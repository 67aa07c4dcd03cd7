/** A schema's keywords with their values. */
export interface SchemaKeywords {
  readonly [keyword: string]: unknown;
}

/** A JSON value's schema: an object of keywords, or `true` for anything. */
export type JsonSchema = boolean | SchemaKeywords;

/** The names a schema's `type` may have. */
export const jsonTypes = [
  "string",
  "integer",
  "number",
  "boolean",
  "null",
  "object",
  "array",
] as const;

/** One of {@link jsonTypes}. */
export type JsonType = (typeof jsonTypes)[number];

const digits = (count: number) => `[0-9]{${count}}`;
const hex = (count: number) => `[0-9a-f]{${count}}`;
const date = `${digits(4)} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])`;
const time = `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z"`;

/** `format` → what stands between the quotes. Days 29 to 31 are left out: not every month has them. */
export const jsonFormats: Readonly<Record<string, string>> = {
  date,
  time,
  "date-time": `${date} "T" ${time}`,
  // Version 4, the random one.
  uuid: `${hex(8)} "-" ${hex(4)} "-4" ${hex(3)} "-" [89ab] ${hex(3)} "-" ${hex(12)}`,
};

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
