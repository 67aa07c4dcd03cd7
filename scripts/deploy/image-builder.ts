import { UserError } from "../../model/user-error.ts";
import type { Config as RuntimeConfig } from "../../runtime/config.ts";
import { runChild } from "../cli/child-command.ts";
import { pushImage, readBuiltImage } from "./image-push.ts";

/** Builds and pushes images; `scripts/image.ts` behind a narrow seam. */
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
  /** What the function will run with, as far as the image depends on it. */
  readonly runtime: Pick<RuntimeConfig, "engine" | "systemPrompt">;
  readonly logFile: string;
}

/** Lines of output that a failure tells. */
const toldLines = 25;

/** The builder as a program, and the tool that it has built with. */
export function createImageBuilder(options: ImageBuilderOptions): ImageBuilder {
  const { architecture, logFile } = options;
  return {
    async tag() {
      return (await runBuilder(options, ["--print-tag"])).trim();
    },
    async push(repositoryUrl, password) {
      await runBuilder(options, [], true);
      await pushImage(readBuiltImage(architecture), { repositoryUrl, password, logFile });
    },
  };
}

async function runBuilder(
  { command, architecture, runtime, logFile }: ImageBuilderOptions,
  parts: readonly string[],
  isShown = false,
): Promise<string> {
  const [program, ...first] = command;
  const { exitCode, stdout, stderr } = await runChild({
    program,
    arguments: [...first, ...parts],
    environment: { ARCH: architecture, BITNET_SYSTEM_PROMPT: cachedSystemPrompt(runtime) },
    isShown,
    logFile,
  });
  if (exitCode === 0) return stdout;
  const words = stderr.trim().split("\n").slice(-toldLines).join("\n");
  throw new UserError(`the image cannot be built:\n${words}`);
}

/** The system prompt whose state goes into the image. A resident engine keeps its own, and reads none. */
function cachedSystemPrompt({ engine, systemPrompt }: ImageBuilderOptions["runtime"]) {
  return engine === "llama-cli" ? systemPrompt : undefined;
}
