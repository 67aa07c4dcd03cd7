import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readExpectations } from "../../scripts/build/golden-expectations.ts";
import { writeGoldenVariant } from "../helpers/golden-variant.ts";

/** The golden model with a few of its expectations: each costs the stand-in a start of Node.js. */
export function writeGoldenSubset(folder: string): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync("model/golden/golden.gguf", join(folder, "golden.gguf"));
  const expectations = readExpectations("model/golden/expectations.json");
  const text = JSON.stringify({ ...expectations, cases: expectations.cases.slice(0, 8) });
  writeFileSync(join(folder, "expectations.json"), text);
}

/** The golden model as the published one is: without the name of its pre-tokenizer. */
export function publishedModel(path: string): Buffer {
  writeGoldenVariant(path, {
    metadata: (metadata) => assert(metadata.delete("tokenizer.ggml.pre")),
  });
  return readFileSync(path);
}
