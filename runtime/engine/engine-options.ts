import type { Config } from "../config.ts";
import type { PromptCache } from "./llama-cli/prompt-cache.ts";

/** What an engine needs of its surroundings. */
export interface EngineOptions {
  readonly config: Config;
  /** Engine threads: `threadsFor` of `lambda-sizing.ts`. */
  readonly threads: number;
  /** This process's environment; the child gets the few variables of {@link inheritedVariables}. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A state to begin prompts from, for the engine that loads it. */
  readonly promptCache?: PromptCache | undefined;
  /** Where the prompt is written for a moment: /tmp on Lambda. */
  readonly temporaryFolder: string;
  /** Milliseconds that never run backwards. */
  readonly now: () => number;
}

/**
 * The only variables an engine sees. Above all no `LLAMA_ARG_*`, which llama.cpp's programs read as
 * flags, and no credentials.
 */
const inheritedVariables = ["PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG"] as const;

/** The environment of an engine's process. */
export function engineEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    inheritedVariables.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
