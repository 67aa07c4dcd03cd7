import { isDeepStrictEqual } from "node:util";
import { hasMasked, isMasked, pathText, valueAt } from "./attribute-value.ts";
import type { AttributePath, ResourceChange } from "./terraform-plan.ts";

/** One value that a plan changes. */
export interface ChangedAttribute {
  /** `cors[0].allow_origins` */
  readonly path: string;
  /** Before and after as they may be shown; nothing for what is made or goes. */
  readonly before: string;
  readonly after: string;
  /** It cannot be changed in place. */
  readonly forcesReplace: boolean;
}

/** Longest value that is shown whole, and what is kept of each end of a longer one. */
const longestShown = 64;
const keptOfEnd = 30;

/** What stands for a value that is not shown. */
const hidden = { sensitive: "(sensitive)", unknown: "(known after apply)" } as const;

/** Every value that an update or a replacement changes, those that force a replacement first. */
export function changedAttributes(change: ResourceChange): ChangedAttribute[] {
  if (change.kind !== "update" && change.kind !== "replace") return [];
  return changedPaths(change, [])
    .map((path) => changedAttribute(change, path))
    .filter((attribute) => change.kind === "update" || isTelling(attribute))
    .toSorted((a, b) => Number(b.forcesReplace) - Number(a.forcesReplace));
}

/** A replacement makes every identifier anew; that says nothing. */
function isTelling({ after, forcesReplace }: ChangedAttribute): boolean {
  return forcesReplace || after !== hidden.unknown;
}

/** The deepest paths at which before and after differ. */
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

/** An update tells what stays unknown by its mask alone. */
function unknownNames(change: ResourceChange, path: AttributePath): string[] {
  return namesOf(valueAt(change.unknown, path)).filter((name) =>
    isMasked(change.unknown, [...path, name]),
  );
}

function stepOf(before: unknown, after: unknown, name: string): string | number {
  return Array.isArray(before) || Array.isArray(after) ? Number(name) : name;
}

function changedAttribute(change: ResourceChange, path: AttributePath): ChangedAttribute {
  const { before, after, beforeSensitive, afterSensitive, unknown, replacePaths } = change;
  const isUnknown = isMasked(unknown, path);
  return {
    path: pathText(path),
    before: shown(valueAt(before, path), path, beforeSensitive),
    after: isUnknown ? hidden.unknown : shown(valueAt(after, path), path, afterSensitive),
    forcesReplace: replacePaths.some((forcing) => overlap(forcing, path)),
  };
}

/** Names are shown, values of the environment never: a key may be among them. */
function shown(value: unknown, path: AttributePath, sensitive: unknown): string {
  if (hasMasked(sensitive, path) || path[0] === "environment") return hidden.sensitive;
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[…]" : "{…}";
  const text = JSON.stringify(value ?? null);
  if (text.length <= longestShown) return text;
  return `${text.slice(0, keptOfEnd)}…${text.slice(-keptOfEnd)}`;
}

/** Whether one path is the beginning of the other. */
function overlap(a: AttributePath, b: AttributePath): boolean {
  return a.slice(0, b.length).join("\0") === b.slice(0, a.length).join("\0");
}
