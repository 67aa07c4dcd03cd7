import type { Problem } from "../errors.ts";
import { grammarProblem } from "./grammar.ts";
import type { SchemaKeywords } from "./json-schema.ts";
import { jsonSchemaGrammar } from "./json-schema-grammar.ts";

/** What an answer shall look like; at most one of the two. */
export interface Constraint {
  readonly jsonSchema: SchemaKeywords | undefined;
  readonly grammar: string | undefined;
  /** What the caller calls them; default: the direct contract's names. */
  readonly paths?: { readonly jsonSchema: string; readonly grammar: string };
}

/** The direct contract's names. */
const directPaths = { jsonSchema: "json_schema", grammar: "grammar" } as const;

/**
 * The one grammar that both engines are given, "" for none. Whatever they would ignore is a problem.
 *
 * @param mostLength longest grammar, in UTF-16 units
 */
export function constraintGrammar(
  { jsonSchema, grammar, paths = directPaths }: Constraint,
  mostLength: number,
): { readonly grammar: string; readonly problems: readonly Problem[] } {
  const refuse = (path: string, message: string) => ({
    grammar: "",
    problems: [{ path, message }],
  });
  if (jsonSchema !== undefined && grammar !== undefined) {
    const message = `cannot be sent together with \`${paths.jsonSchema}\`; send one of them`;
    return refuse(paths.grammar, message);
  }
  if (grammar !== undefined) {
    const problem = grammarProblem(grammar);
    return problem === undefined ? { grammar, problems: [] } : refuse(paths.grammar, problem);
  }
  if (jsonSchema === undefined) return { grammar: "", problems: [] };

  const made = jsonSchemaGrammar(jsonSchema, paths.jsonSchema);
  if (made.problems !== undefined) return { grammar: "", problems: made.problems };
  const problem = made.grammar.length > mostLength ? "is too large" : grammarProblem(made.grammar);
  if (problem === undefined) return { grammar: made.grammar, problems: [] };
  return refuse(paths.jsonSchema, `cannot be enforced: its grammar ${problem}`);
}
