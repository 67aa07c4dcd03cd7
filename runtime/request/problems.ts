import type * as z from "zod";
import { AppError, type Problem } from "../errors.ts";
import { nearestName, plainName } from "../variables.ts";
import { type NumberBounds, samplingRows } from "./sampling-parameters.ts";

/** A field that other APIs have under another name → the names that it may have here. */
const otherNames = new Map<string, readonly string[]>([
  ["stopsequences", ["stop"]],
  ["input", ["prompt", "messages"]],
  ["messages", ["input"]],
  ["inputs", ["prompt"]],
  ...samplingRows.flatMap(([name, { openAiNames = [], aliases = [] }]) => {
    const names = [name, ...openAiNames];
    return [...names, ...aliases].map((other) => [plainName(other), names] as const);
  }),
]);

/** Maximum number of problems listed, so that an answer never exceeds Lambda's response size. */
const mostProblems = 100;

/**
 * zod's issues as problems a caller can act on: path, what is allowed, the type of what was sent.
 * Values are never quoted, but for numbers out of range.
 *
 * @param fields the names allowed at the top level, for "did you mean"
 * @param numbers the bounds of numeric fields
 */
export function requestProblems(
  issues: readonly z.core.$ZodIssue[],
  fields: readonly string[],
  numbers: Readonly<Record<string, NumberBounds>>,
): Problem[] {
  const reported = new Set<string>();
  return issues.flatMap((issue) => {
    const path = pathText(issue.path);
    // A number beyond 2^53 is neither whole nor in range to zod: one problem all the same.
    if (numbers[path] !== undefined && reported.has(path)) return [];
    reported.add(path);
    if (issue.code === "unrecognized_keys") {
      const known = issue.path.length === 0 ? fields : ["role", "content"];
      return issue.keys.map((key, at) => ({
        path: pathText([...issue.path, key]),
        // Beyond that they are only counted; guessing takes time.
        message: `is not a known field${at < mostProblems ? suggestion(key, known) : ""}`,
      }));
    }
    const bounds = numbers[path];
    const message = bounds === undefined ? otherProblem(issue) : numberProblem(bounds, issue.input);
    return [{ path: path === "" ? "request" : path, message }];
  });
}

/** `["messages", 0, "role"]` → `messages[0].role`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? String(step) : `${text}.${String(step)}`;
  }, "");
}

function numberProblem(bounds: NumberBounds, input: unknown): string {
  const noun = bounds.isInteger ? "a whole number" : "a number";
  const lower = bounds.isMinimumExclusive ? `above ${bounds.minimum}` : `from ${bounds.minimum}`;
  return `must be ${noun} ${lower} to ${bounds.maximum}; got ${described(input)}`;
}

function otherProblem(issue: z.core.$ZodIssue): string {
  const got = `got ${described(issue.input)}`;
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return `is missing; must be ${withArticle(issue.expected)}`;
      return `must be ${withArticle(issue.expected)}; ${got}`;
    case "invalid_value":
      return `must be one of ${issue.values.map((value) => `"${String(value)}"`).join(", ")}; ${got}`;
    case "too_small":
      return isNumber(issue) ? `must be at least ${issue.minimum}; ${got}` : "must not be empty";
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    case "too_big": {
      if (isNumber(issue)) return `must be at most ${issue.maximum}; ${got}`;
      const unit = issue.origin === "string" ? "characters" : "items";
      return `must have at most ${issue.maximum} ${unit}`;
    }
    default:
      return issue.message;
  }
}

function isNumber({ origin }: { readonly origin: string }): boolean {
  return origin === "number" || origin === "int";
}

/** The type of a value, and the value too where it is a number. */
function described(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? `number ${value}` : `${value}`;
  if (Array.isArray(value)) return "an array";
  return withArticle(typeof value);
}

function withArticle(type: string): string {
  if (type === "undefined") return "nothing";
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** `: did you mean …?` for another API's name or one a few letters away, else nothing. */
function suggestion(key: string, known: readonly string[]): string {
  const other = otherNames.get(plainName(key))?.find((name) => known.includes(name));
  const meant = other ?? nearestName(key, known);
  return meant === undefined ? "" : `: did you mean \`${meant}\`?`;
}

/** The error that lists these problems. */
export function requestInvalid(all: readonly Problem[]): AppError {
  const problems = all.slice(0, mostProblems).map(brief);
  const listed = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const more = all.length - problems.length;
  const message = more === 0 ? listed : `${listed}; and ${more} more problems`;
  return new AppError("request-invalid", message, { problems });
}

/** In characters. Names and rules may be as long as a request. */
const longestPath = 200;
const longestMessage = 400;

function brief({ path, message }: Problem): Problem {
  return { path: cut(path, longestPath), message: cut(message, longestMessage) };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;
}
