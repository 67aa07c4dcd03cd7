import { isDeepStrictEqual } from "node:util";
import { hasMasked, isMasked, pathText, valueAt } from "./attribute-value.ts";
import { type Grant, grantsOfPolicy, newGrants, permissionGrants, policyPlaces } from "./grants.ts";
import type { AttributePath, Attributes, ResourceChange } from "./terraform-plan.ts";

/** One value that a plan changes. */
export interface ChangedAttribute {
  /** `cors[0].allow_origins` */
  readonly path: string;
  /** As shown in the review. */
  readonly before: string;
  readonly after: string;
  /** Whether the change forces a replacement of the resource. */
  readonly forcesReplace: boolean;
}

/** The rights that a change adds to a policy and removes from it. */
export interface PolicyChange {
  /** The attribute that holds the policy. */
  readonly path: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** Maximum length of a value shown in full, and what is shown of it before the first difference. */
const longestShown = 64;
const shownBeforeDifference = 20;

/** Replacements for values that are not shown. */
const hidden = { sensitive: "(sensitive)", unknown: "(known after apply)" } as const;

/** The values that an update or a replacement changes. */
export function changedAttributes(change: ResourceChange): ChangedAttribute[] {
  if (change.kind !== "update" && change.kind !== "replace") return [];
  return changedPaths(change, [])
    .map((path) => changedAttribute(change, path))
    .filter((attribute) => change.kind === "update" || isWorthShowing(attribute));
}

/** A replacement changes every identifier, which is no news. */
function isWorthShowing({ after, forcesReplace }: ChangedAttribute): boolean {
  return forcesReplace || after !== hidden.unknown;
}

/** The deepest paths where before and after differ. */
function changedPaths(change: ResourceChange, path: AttributePath): AttributePath[] {
  const before = valueAt(change.before, path);
  const after = valueAt(change.after, path);
  if (path.length > 0 && isMasked(change.unknown, path)) return [path];
  const names = [
    ...new Set([...namesOf(before), ...namesOf(after), ...unknownNames(change, path)]),
  ];
  if (names.length === 0) return isDeepStrictEqual(before ?? null, after ?? null) ? [] : [path];
  return names.flatMap((name) => changedPaths(change, [...path, stepOf(before, after, name)]));
}

function namesOf(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

/** In an update, unknown values appear in the mask only. */
function unknownNames(change: ResourceChange, path: AttributePath): string[] {
  return namesOf(valueAt(change.unknown, path)).filter((name) =>
    isMasked(change.unknown, [...path, name]),
  );
}

function stepOf(before: unknown, after: unknown, name: string): string | number {
  return Array.isArray(before) || Array.isArray(after) ? Number(name) : name;
}

function changedAttribute(change: ResourceChange, path: AttributePath): ChangedAttribute {
  const { beforeSensitive, afterSensitive, unknown, replacePaths } = change;
  const before = shown(valueAt(change.before, path), path, beforeSensitive);
  const after = isMasked(unknown, path)
    ? hidden.unknown
    : shown(valueAt(change.after, path), path, afterSensitive);
  const start = firstShown(before, after);
  return {
    path: pathText(path),
    before: shortened(before, start),
    after: shortened(after, start),
    forcesReplace: replacePaths.some((forcing) => overlap(forcing, path)),
  };
}

/** Hides the values of environment variables, because one may be a key. */
function shown(value: unknown, path: AttributePath, sensitive: unknown): string {
  if (hasMasked(sensitive, path) || path[0] === "environment") return hidden.sensitive;
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[…]" : "{…}";
  return JSON.stringify(value ?? null);
}

/** Shortly before the first difference, so that two long values do not read the same. */
function firstShown(before: string, after: string): number {
  const difference = before.split("").findIndex((character, index) => character !== after[index]);
  return Math.max(0, difference - shownBeforeDifference);
}

/** What follows the start of a long text. */
function shortened(text: string, start: number): string {
  if (text.length <= longestShown) return text;
  const end = start + longestShown;
  return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
}

/** Whether one path is the beginning of the other. */
function overlap(a: AttributePath, b: AttributePath): boolean {
  return a.slice(0, b.length).join("\0") === b.slice(0, a.length).join("\0");
}

/**
 * The rights that a change adds and removes, by policy, with those of a Lambda permission; none for a
 * policy known only after the apply.
 */
export function policyChanges({ type, before, after, unknown }: ResourceChange): PolicyChange[] {
  const change = (path: string, grantsIn: (side: Attributes) => readonly Grant[]) => {
    const [old, next] = [grantsIn(before), grantsIn(after)];
    const gained = newGrants(next, old).map(grantText);
    return { path, gained, lost: newGrants(old, next).map(grantText) };
  };
  const policies = (policyPlaces[type] ?? [])
    .filter(({ path }) => !hasMasked(unknown, path))
    .map(({ path }) => change(pathText(path), (side) => grantsOfPolicy(valueAt(side, path))));
  const permission = change("permission", (side) => permissionGrants(type, side));
  return [...policies, permission].filter(({ gained, lost }) => gained.length + lost.length > 0);
}

/** `lambda.amazonaws.com: ecr:BatchGetImage on …, on a condition` */
function grantText({ principal, action, resource, condition }: Grant): string {
  return [
    principal === "" ? "" : `${principal}: `,
    action,
    resource === "" ? "" : ` on ${resource}`,
    condition === "" ? "" : ", on a condition",
  ].join("");
}
