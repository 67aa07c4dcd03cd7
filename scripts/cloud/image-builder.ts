import { runChild } from "./child-command.ts";
import { CommandError } from "./command-error.ts";

/** Builds and pushes images; `scripts/build-image.ts` behind a narrow seam. */
export interface ImageBuilder {
  /** The tag of what would be built from the tree as it is: the hash of all that goes in. */
  tag(): Promise<string>;
  /** Builds the image unless it is there, and pushes it under its tag. */
  push(repositoryUrl: string, password: string): Promise<void>;
}

/** What the builder is called with. */
export interface ImageBuilderOptions {
  /** Program and first arguments. */
  readonly command: readonly [string, ...string[]];
  readonly architecture: string;
  readonly logFile: string;
}

/** The builder as a program. The registry's password goes in by standard input. */
export function createImageBuilder(options: ImageBuilderOptions): ImageBuilder {
  const [program, ...first] = options.command;
  const run = async (what: string, parts: readonly string[], input?: string) => {
    const result = await runChild({
      program,
      arguments: [...first, ...parts],
      environment: { ARCHITECTURE: options.architecture },
      isShown: input !== undefined,
      logFile: options.logFile,
      ...(input !== undefined && { input }),
    });
    if (result.exitCode === 0) return result;
    const words = result.stderr.trim().split("\n").slice(-25).join("\n");
    throw new CommandError(`${what}:\n${words}`);
  };
  return {
    async tag() {
      const { stdout } = await run("the image cannot be built", ["--print-tag"]);
      return stdout.trim();
    },
    async push(repositoryUrl, password) {
      await run("the image was not pushed", ["--push", repositoryUrl], password);
    },
  };
}
