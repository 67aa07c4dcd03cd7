import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Hex digits of a tag: enough that no two share one. */
const tagDigits = 16;

/** A named input of what is built: its bytes, or text that stands for it. */
export type ContentInput = readonly [name: string, content: string | Uint8Array];

/** The tag for what is built from these inputs, in any order; another byte or name gives another. */
export function contentTag(inputs: readonly ContentInput[]): string {
  const rows = inputs.map(([name, content]) => JSON.stringify([name, sha256(content)]));
  return sha256(rows.toSorted().join("\n")).slice(0, tagDigits);
}

/** The files below a folder that belong, as inputs by their path from there. */
export function folderInputs(
  name: string,
  folder: string,
  belongs: (path: string) => boolean = () => true,
): ContentInput[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(belongs)
    .map((path) => [`${name}${path.slice(folder.length)}`, readFileSync(path)] as const);
}

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
