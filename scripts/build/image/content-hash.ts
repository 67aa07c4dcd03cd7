import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Hex digits of a tag: enough that two different images never share one. */
const tagDigits = 16;

/** One thing that an image is made of: its name, and its bytes or what stands for them. */
export type ImageInput = readonly [name: string, content: string | Uint8Array];

/**
 * The tag of the image that is made of these inputs: the same inputs, in any order, always give the
 * same tag; any other byte, or another name, gives another.
 */
export function contentTag(inputs: readonly ImageInput[]): string {
  const rows = inputs.map(([name, content]) => JSON.stringify([name, sha256(content)]));
  return sha256(rows.toSorted().join("\n")).slice(0, tagDigits);
}

/**
 * The files below a folder as inputs, by their path from there.
 *
 * @param belongs whether a path counts
 */
export function folderInputs(
  name: string,
  folder: string,
  belongs: (path: string) => boolean = () => true,
): ImageInput[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(belongs)
    .map((path) => [`${name}${path.slice(folder.length)}`, readFileSync(path)] as const);
}

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
