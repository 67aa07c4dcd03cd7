import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Config } from "../../config.ts";
import { systemPrefix } from "../../request/chat-prompt.ts";
import { parseJson } from "../../request/json.ts";
import { fileFingerprint } from "../file-fingerprint.ts";

/** A state of the engine that can be used: behind which beginning of a prompt it stands. */
export interface PromptCache {
  readonly path: string;
  readonly prefix: string;
}

/**
 * What a state was made with, since it means nothing to another engine, model or processor, and what
 * it is itself, since the engine fails at one that is damaged.
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
export type PromptCacheInputs = Pick<Config, "llamaCliPath" | "modelPath"> & {
  readonly systemPrompt: string;
  /** `process.arch`. */
  readonly architecture: string;
};

/** The file beside a state that tells what it was made with. */
export function identityPath(path: string): string {
  return `${path}.json`;
}

/** The identity of the state at a path, if it was made with these inputs. */
export function promptCacheIdentity(path: string, inputs: PromptCacheInputs): PromptCacheIdentity {
  return {
    architecture: inputs.architecture,
    engine: fileFingerprint(inputs.llamaCliPath),
    model: fileFingerprint(inputs.modelPath),
    prefix: createHash("sha256").update(systemPrefix(inputs.systemPrompt)).digest("hex"),
    state: fileFingerprint(path),
  };
}

/**
 * The state at a path, if it was made with just these inputs. Never throws: an answer without it is
 * only slower.
 *
 * @param onDropped told why a state that is configured is not used
 */
export function usablePromptCache(
  path: string,
  inputs: PromptCacheInputs,
  onDropped: (reason: string) => void,
): PromptCache | undefined {
  try {
    const told = identitySchema.parse(
      parseJson(readFileSync(identityPath(path), "utf8"), "identity"),
    );
    const actual = promptCacheIdentity(path, inputs);
    const different = Object.keys(actual).filter(
      (name) =>
        actual[name as keyof PromptCacheIdentity] !== told[name as keyof PromptCacheIdentity],
    );
    if (different.length === 0) return { path, prefix: systemPrefix(inputs.systemPrompt) };
    onDropped(`changed since it was made: ${different.join(", ")}`);
  } catch (error) {
    onDropped(error instanceof Error ? error.message : String(error));
  }
  return undefined;
}
