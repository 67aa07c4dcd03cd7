import leven from "leven";
import type * as z from "zod";
import { AppError, type Problem } from "./errors.ts";

/** Environment variables by name; an empty one counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How {@link readVariables} reads. */
export interface VariableOptions {
  /** Names whose values no message may quote. */
  readonly secrets?: readonly string[];
  /**
   * An unknown variable with one of these prefixes is refused as a misspelling. Without prefixes, only one
   * whose name is close to that of a known variable that is not set.
   */
  readonly prefixes?: readonly string[];
  /** Variables with such a prefix that something else reads. */
  readonly alsoKnown?: readonly string[];
}

/**
 * The environment variables that an object schema's keys name, checked and converted.
 *
 * @throws AppError `config-invalid` with one line and one problem for each bad variable, in the form
 * `NAME=value: what is wrong`; a misspelt name gets "did you mean"
 * @example readVariables(z.object({ PORT: z.coerce.number().default(9000) }), process.env).PORT
 */
export function readVariables<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
  options: VariableOptions = {},
): z.output<Schema> {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = schema.safeParse(set);
  const known = [...Object.keys(schema.shape), ...(options.alsoKnown ?? [])];
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => problemOf(issue, environment, options)),
    ...(options.prefixes === undefined
      ? nearlyKnown(environment, known)
      : misspeltVariables(environment, known, options.prefixes)),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw variablesInvalid(problems);
}

/** The error that lists these problems, a line each. */
export function variablesInvalid(problems: readonly Problem[]): AppError {
  const message = problems.map((problem) => problem.message).join("\n");
  return new AppError("config-invalid", message, { problems });
}

/** Variables that start with one of the prefixes and are none of the known ones. */
export function misspeltVariables(
  environment: Environment,
  known: readonly string[],
  prefixes: readonly string[],
): Problem[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const isOurs = prefixes.some((prefix) => name.startsWith(prefix));
    if (!value || !isOurs || known.includes(name)) return [];
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? "; unset it" : `: did you mean ${nearest}?`;
    return [{ path: name, message: `${name} is not a known setting${hint}` }];
  });
}

/** Shorter names are too often near another. */
const shortestMisspelt = 5;

/** Variables such as `PROMT`, where `PROMPT` is known and not set. */
function nearlyKnown(environment: Environment, known: readonly string[]): Problem[] {
  const unset = known.filter((name) => !environment[name]);
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!value || name.length < shortestMisspelt || known.includes(name)) return [];
    const nearest = nearestName(name, unset);
    const message = `${name} is not a setting of this command: did you mean ${nearest}?`;
    return nearest === undefined ? [] : [{ path: name, message }];
  });
}

/** Longer names are compared by their beginnings. */
const comparedCharacters = 32;

/**
 * The known name that differs from `name` by the fewest letters, at most a quarter; first on ties.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known
    .map((candidate) => ({ candidate, distance: leven(plainName(name), plainName(candidate)) }))
    .filter(
      ({ candidate, distance }) =>
        distance <= Math.max(1, Math.floor(plainName(candidate).length / 4)),
    )
    .toSorted((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** A name in lower-case letters alone, as {@link nearestName} compares it. */
export function plainName(name: string): string {
  return name
    .slice(0, comparedCharacters)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, "");
}

function problemOf(
  issue: z.core.$ZodIssue,
  environment: Environment,
  { secrets = [] }: VariableOptions,
): Problem {
  // A list's item is at fault: the variable is named, not the item's number.
  const name = String(issue.path[0] ?? "");
  const value = secrets.includes(name) ? "" : `=${environment[name] ?? ""}`;
  const isUnworded = issue.code === "invalid_value" && issue.message.startsWith("Invalid option");
  const message = isUnworded ? `must be one of ${issue.values.join(", ")}` : issue.message;
  return { path: name, message: `${name}${value}: ${message}` };
}
