import { runChild } from "./child-command.ts";
import { CommandError } from "./command-error.ts";

/** Programs that build images, the most common first. */
export const containerTools = ["docker", "podman", "finch", "buildah"] as const;

/**
 * The program that will build the image: the named one, or the first that works.
 *
 * @throws CommandError that says for each why it does not
 */
export async function requireContainerTool(named: string | undefined): Promise<string> {
  const reasons: string[] = [];
  for (const tool of named ? [named] : containerTools) {
    const reason = await whyNot(tool);
    if (reason === undefined) return tool;
    reasons.push(`  ${reason}`);
  }
  throw new CommandError(
    `no container tool works, and the image must be built:\n${reasons.join("\n")}\nInstall Docker (https://docs.docker.com/get-docker/), start it, or name one in CONTAINER_TOOL.`,
  );
}

async function whyNot(program: string): Promise<string | undefined> {
  try {
    // `docker info` ends well without its daemon; the others have no `version` that asks for it.
    const probe = program === "docker" ? "version" : "info";
    const { exitCode, stderr } = await runChild({ program, arguments: [probe] });
    const words = stderr.trim().split("\n").at(-1) ?? "";
    return exitCode === 0 ? undefined : `${program} does not run: ${words}`;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}
