/**
 * The state that `--prompt-cache` names: taken up before the prompt, kept behind it.
 *
 * Mirrors main() of examples/main/main.cpp, llama.cpp@1f86f058 (read 2026-11). One thing is done
 * better: a prompt that ends inside the state has its last token evaluated again there, and
 * llama-cli then remembers that token twice.
 */
import { commonBeginning } from "./common-beginning.ts";
import type { Model, TextSession } from "./engine.ts";
import type { LlamaCliSettings } from "./llama-cli-flags.ts";
import type { LlamaCliWorld } from "./llama-cli-run.ts";
import { RunError } from "./run-error.ts";
import { decodeSession, encodeSession, SessionFileError } from "./session-file.ts";
import { systemMessage } from "./system-message.ts";

/** What a cache works with. */
export interface PromptCacheParts {
  readonly settings: Pick<
    LlamaCliSettings,
    "promptCachePath" | "cachesAnswer" | "isCacheReadOnly" | "prompt"
  >;
  readonly world: Pick<LlamaCliWorld, "readFile" | "replaceFile" | "writeOutput" | "writeError">;
  readonly model: Model;
  readonly session: TextSession;
  readonly contextTokens: number;
}

/** One run's use of its cache. Without a path, nothing is done. */
export class PromptCache {
  readonly #parts: PromptCacheParts;
  /** Whether the prompt is longer than what the cache has of it. */
  #isBehind = true;

  constructor(parts: PromptCacheParts) {
    this.#parts = parts;
  }

  /** Fills the session, if there is a state. Throws RunError when it is of no use. */
  load(): void {
    const { settings, world, session } = this.#parts;
    const path = settings.promptCachePath;
    if (path === "") return;
    world.writeError(`main: attempting to load saved session from '${path}'\n`);
    const bytes = this.#read(path);
    if (bytes === undefined) {
      world.writeError("main: session file does not exist, will create.\n");
    } else if (bytes.length === 0) {
      world.writeError("main: The session file is empty. A new session will be initialized.\n");
    } else {
      this.#restore(path, bytes);
      world.writeError(`main: loaded a session with prompt size of ${session.length} tokens\n`);
    }
  }

  /** Leaves in the session what the prompt begins with. */
  match(prompt: readonly number[]): void {
    const { world, session } = this.#parts;
    if (session.length === 0) return;
    const matching = commonBeginning(session.tokens, prompt);
    this.#isBehind = matching < prompt.length;
    world.writeError(`main: ${this.#describe(matching, prompt.length)}\n`);
    session.rewind(matching);
    // The last token has to be evaluated again when its scores are not at hand.
    if (!this.#isBehind && !session.hasLogits) session.rewind(prompt.length - 1);
  }

  /** Keeps the state behind the prompt, unless it was there, or nothing may be written. */
  savePrompt(): void {
    if (this.#isBehind) this.#save();
  }

  /** Keeps the state behind the answer, if that was asked for. */
  async saveAnswer(): Promise<void> {
    const { settings, world } = this.#parts;
    const { promptCachePath: path, cachesAnswer, isCacheReadOnly } = settings;
    if (path === "" || !cachesAnswer || isCacheReadOnly) return;
    await world.writeOutput(Buffer.from(`\nmain: saving final output to session file '${path}'\n`));
    this.#save();
  }

  /** `undefined` for a file that cannot be opened, which llama-cli takes for one that is not there. */
  #read(path: string): Buffer | undefined {
    try {
      return this.#parts.world.readFile(path);
    } catch (error) {
      if (!isFolderError(error)) return undefined;
      throw this.#failure(path, "llama_state_load_file: error loading session file: a folder");
    }
  }

  #restore(path: string, bytes: Buffer): void {
    const { model, session, contextTokens } = this.#parts;
    const memoryLength = (tokens: number) => session.memoryLength(tokens);
    try {
      session.restore(decodeSession(bytes, { model, contextTokens, memoryLength }));
    } catch (error) {
      if (!(error instanceof SessionFileError)) throw error;
      throw this.#failure(path, error.message);
    }
  }

  #failure(path: string, reason: string): RunError {
    return new RunError(`${reason}\nmain: failed to load session file '${path}'`);
  }

  #describe(matching: number, promptTokens: number): string {
    const share = `${matching} / ${promptTokens} tokens`;
    if (matching >= promptTokens) {
      return this.#parts.settings.prompt.length === 0
        ? "using full prompt from session file"
        : "session file has exact match for prompt!";
    }
    return matching < Math.floor(promptTokens / 2)
      ? `session file has low similarity to prompt (${share}); will mostly be reevaluated`
      : `session file matches ${share} of prompt`;
  }

  /** As in llama-cli, a state that cannot be kept costs no answer. */
  #save(): void {
    const { settings, world, model, session } = this.#parts;
    const { promptCachePath: path, isCacheReadOnly } = settings;
    if (path === "" || isCacheReadOnly) return;
    try {
      world.replaceFile(path, encodeSession(session.save(), model));
    } catch (error) {
      const reason = `failed to write ${path}: ${systemMessage(error)}`;
      world.writeError(`llama_state_save_file: error saving session file: ${reason}\n`);
    }
  }
}

function isFolderError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "EISDIR";
}
