import leven from "leven";
import type * as z from "zod";
import type { Problem } from "../errors.ts";
import type { NumberBounds } from "./request.ts";

/** Names that other APIs use for our fields. */
const otherNames: Readonly<Record<string, string>> = {
  maxtokens: "n_predict",
  maxcompletiontokens: "n_predict",
  maxnewtokens: "n_predict",
  numpredict: "n_predict",
  repetitionpenalty: "repeat_penalty",
  stopsequences: "stop",
  input: "prompt",
  inputs: "prompt",
};

/** Problems listed at most, so that an answer never outgrows what Lambda sends back. */
export const mostProblems = 100;

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
  return issues.flatMap((issue) => {
    const path = pathText(issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = issue.path.length === 0 ? fields : ["role", "content"];
      return issue.keys.map((key, at) => ({
        path: pathText([...issue.path, key]),
        // More are counted only, and to guess takes time.
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
      return "must not be empty";
    case "too_big": {
      const unit = issue.origin === "string" ? "characters" : "items";
      return `must have at most ${issue.maximum} ${unit}`;
    }
    default:
      return issue.message;
  }
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

/** Nothing longer can be a field with a typing error. */
const longestName = 32;

/** `: did you mean …?` for another API's name or one a few letters away, else nothing. */
function suggestion(key: string, known: readonly string[]): string {
  const plain = (name: string) =>
    name
      .slice(0, longestName)
      .toLowerCase()
      .replaceAll(/[^a-z]/g, "");
  const alias = otherNames[plain(key)];
  if (alias !== undefined && known.includes(alias)) return `: did you mean \`${alias}\`?`;
  const nearest = known
    .map((name) => ({ name, distance: leven(plain(key), plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(plain(name).length / 4)))
    .toSorted((a, b) => a.distance - b.distance)[0];
  return nearest === undefined ? "" : `: did you mean \`${nearest.name}\`?`;
}
