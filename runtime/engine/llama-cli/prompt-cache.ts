import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import * as z from "zod";
import { systemPrefix } from "../../request/chat-prompt.ts";
import { parseJson } from "../../request/json.ts";

/** A state of the engine in a file, and the beginning of a prompt that it was made from. */
export interface PromptCache {
  readonly path: string;
  readonly prefix: string;
}

/**
 * What a state was made with, and its own fingerprint: of no use to another engine, model or processor,
 * and the engine fails on a damaged one.
 */
const identitySchema = z.object({
  architecture: z.string(),
  engine: z.string(),
  model: z.string(),
  prefix: z.string(),
  state: z.string(),
});

/** See {@link identitySchema}: fingerprints of the files, SHA-256 of the prompt's beginning. */
export type PromptCacheIdentity = z.output<typeof identitySchema>;

/** What a state depends on. */
export interface PromptCacheInputs {
  /** The engine's program. */
  readonly programPath: string;
  readonly modelPath: string;
  readonly systemPrompt: string;
  /** `process.arch`. */
  readonly architecture: string;
}

/** The file beside a state that records what it was made with. */
export function identityPath(path: string): string {
  return `${path}.json`;
}

/** The identity of the state at a path, if it was made with these inputs. */
export function promptCacheIdentity(path: string, inputs: PromptCacheInputs): PromptCacheIdentity {
  return {
    architecture: inputs.architecture,
    engine: fileFingerprint(inputs.programPath),
    model: fileFingerprint(inputs.modelPath),
    prefix: createHash("sha256").update(systemPrefix(inputs.systemPrompt)).digest("hex"),
    state: fileFingerprint(path),
  };
}

/**
 * The state at a path, if it was made with exactly these inputs; never throws.
 *
 * @param onDropped called with the reason why a configured state is not used
 */
export function usablePromptCache(
  path: string,
  inputs: PromptCacheInputs,
  onDropped: (reason: string) => void,
): PromptCache | undefined {
  try {
    const identity = parseJson(readFileSync(identityPath(path), "utf8"), "identity");
    const recorded = identitySchema.parse(identity);
    const actual = promptCacheIdentity(path, inputs);
    const names = identitySchema.keyof().options;
    const different = names.filter((name) => actual[name] !== recorded[name]);
    if (different.length === 0) return { path, prefix: systemPrefix(inputs.systemPrompt) };
    onDropped(`changed since it was made: ${different.join(", ")}`);
  } catch (error) {
    onDropped(error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/** Bytes read from either end of a file. */
const sampleBytes = 64 * 1024;

/** A name for a file's content: its size, beginning and end, without reading a gigabyte. */
function fileFingerprint(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const hash = createHash("sha256").update(String(size));
    for (const at of [0, Math.max(0, size - sampleBytes)]) {
      const sample = Buffer.alloc(Math.min(sampleBytes, size));
      readSync(file, sample, 0, sample.length, at);
      hash.update(sample);
    }
    return hash.digest("hex");
  } finally {
    closeSync(file);
  }
}
