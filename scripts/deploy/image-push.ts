import { readFileSync } from "node:fs";
import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { runChild } from "../cli/child-command.ts";

/** What `make image` notes of the image that it has built, or found built already. */
const noteSchema = z.object({ image: z.string(), tag: z.string(), tool: z.string() });

/** A built image on this machine. */
export type BuiltImage = z.infer<typeof noteSchema>;

/** The note of the newest image of an architecture. */
export function readBuiltImage(architecture: string): BuiltImage {
  const path = `dist/image/${architecture}.json`;
  return noteSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** Where an image goes. */
export interface PushTarget {
  /** `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME` */
  readonly repositoryUrl: string;
  readonly password: string;
  readonly logFile: string;
}

/**
 * Pushes an image under its tag by the tool that has built it. The password goes in by standard
 * input.
 *
 * @throws UserError with the tool's words
 */
export async function pushImage(built: BuiltImage, target: PushTarget): Promise<void> {
  const host = target.repositoryUrl.split("/")[0] ?? "";
  await runTool(built.tool, ["login", "--username", "AWS", "--password-stdin", host], {
    ...target,
    input: target.password,
  });
  for (const parts of pushCommands(built, target.repositoryUrl)) {
    await runTool(built.tool, parts, target);
  }
}

/** What pushes, by tool: buildah names the destination in the push, the others tag it before. */
function pushCommands({ image, tag, tool }: BuiltImage, repositoryUrl: string): string[][] {
  const remote = `${repositoryUrl}:${tag}`;
  if (tool === "buildah") return [["push", image, `docker://${remote}`]];
  return [
    ["tag", image, remote],
    ["push", remote],
  ];
}

async function runTool(
  program: string,
  parts: readonly string[],
  { logFile, input }: { logFile: string; input?: string },
): Promise<void> {
  const { exitCode, stderr } = await runChild({
    program,
    arguments: parts,
    logFile,
    isShown: true,
    ...(input !== undefined && { input }),
  });
  if (exitCode === 0) return;
  const words = stderr.trim().split("\n").slice(-10).join("\n");
  throw new UserError(`${program} ${parts[0]} failed:\n${words}`);
}
