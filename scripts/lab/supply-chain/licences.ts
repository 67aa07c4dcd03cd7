import * as z from "zod";

/** SPDX names of licences that let anyone use, change and pass on; MPL asks it for its own files. */
const allowed: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC-BY-4.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MPL-2.0",
  "Public Domain",
]);

const lockfileSchema = z.object({
  packages: z.record(z.string(), z.object({ license: z.string().optional() })),
});

/** A package whose licence nobody here has said yes to. */
export interface LicenceProblem {
  readonly name: string;
  readonly licence: string;
}

/** Packages of npm's lockfile by licence, and those that are not allowed. */
export function checkLicences(lockfile: string): {
  readonly counts: ReadonlyMap<string, number>;
  readonly problems: readonly LicenceProblem[];
} {
  const { packages } = lockfileSchema.parse(JSON.parse(lockfile));
  const counts = new Map<string, number>();
  const problems: LicenceProblem[] = [];
  for (const [path, { license: licence = "none named" }] of Object.entries(packages)) {
    // The empty path is this project.
    if (path === "") continue;
    counts.set(licence, (counts.get(licence) ?? 0) + 1);
    if (!isAllowed(licence)) problems.push({ name: nameOf(path), licence });
  }
  return { counts, problems };
}

/** `A OR B` takes one that is allowed, `A AND B` all of them. */
function isAllowed(expression: string): boolean {
  const bare = expression.replace(/^\((.*)\)$/, "$1");
  if (bare.includes(" OR ")) return bare.split(" OR ").some(isAllowed);
  if (bare.includes(" AND ")) return bare.split(" AND ").every(isAllowed);
  return allowed.has(bare);
}

/** `node_modules/a/node_modules/@b/c` → `@b/c`. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}
