import { writeFileSync } from "node:fs";
import { encodeGguf, type GgufContent } from "../../model/gguf-writer.ts";

/** Writes a model file, replacing it. */
export function writeGguf(path: string, content: GgufContent): void {
  writeFileSync(path, Buffer.concat([...encodeGguf(content)]));
}
