import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Config as RuntimeConfig } from "../../runtime/config.ts";
import { runCommand } from "../cli/run-command.ts";

/** How images are built and pushed. */
export interface ImageBuilderOptions {
  /** Program and first arguments: `scripts/image.ts`, or another of the same command line. */
  readonly command: readonly [string, ...string[]];
  readonly architecture: string;
  /** The function's settings that the image depends on. */
  readonly runtime: Pick<RuntimeConfig, "engine" | "systemPrompt">;
  readonly logFile: string;
}

/** What `make image` writes down about the image that it has built, or found up to date. */
const builtImageSchema = z.object({ image: z.string(), tag: z.string(), tool: z.string() });

/** Builds and pushes images. Every method throws a UserError with the tool's last lines. */
export class ImageBuilder {
  readonly #options: ImageBuilderOptions;

  constructor(options: ImageBuilderOptions) {
    this.#options = options;
  }

  /** The tag of what would be built from the current tree: the hash of all inputs. */
  async tag(): Promise<string> {
    return (await this.#build(["--print-tag"])).trim();
  }

  /**
   * Builds the image unless it is up to date, and pushes it under its tag.
   *
   * @param repositoryUrl `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`
   * @param password of user `AWS`; passed by standard input
   */
  async push(repositoryUrl: string, password: string): Promise<void> {
    await this.#build([], true);
    const note = readFileSync(`dist/image/${this.#options.architecture}.json`, "utf8");
    const built = builtImageSchema.parse(JSON.parse(note));
    const host = repositoryUrl.split("/")[0] ?? "";
    const login = ["login", "--username", "AWS", "--password-stdin", host];
    await this.#runTool(built.tool, login, password);
    for (const args of pushCommands(built, repositoryUrl)) await this.#runTool(built.tool, args);
  }

  async #build(args: readonly string[], isShown = false): Promise<string> {
    const { command, architecture, runtime, logFile } = this.#options;
    const [file, ...first] = command;
    // The prompt whose state is stored in the image. A resident engine keeps its own.
    const cachedPrompt = runtime.engine === "llama-cli" ? runtime.systemPrompt : undefined;
    const { stdout } = await runCommand({
      file,
      args: [...first, ...args],
      environment: { ARCH: architecture, BITNET_SYSTEM_PROMPT: cachedPrompt },
      isShown,
      logFile,
      failure: "the image cannot be built",
    });
    return stdout;
  }

  async #runTool(file: string, args: readonly string[], input = ""): Promise<void> {
    const { logFile } = this.#options;
    const failure = `${file} ${args[0]} failed`;
    await runCommand({ file, args, input, logFile, isShown: true, failure });
  }
}

/** Only buildah names the destination in the push; the others tag it first. */
function pushCommands(
  { image, tag, tool }: z.infer<typeof builtImageSchema>,
  repositoryUrl: string,
): string[][] {
  const remote = `${repositoryUrl}:${tag}`;
  if (tool === "buildah") return [["push", image, `docker://${remote}`]];
  return [
    ["tag", image, remote],
    ["push", remote],
  ];
}
