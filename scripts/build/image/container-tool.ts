import { UserError } from "../../../model/user-error.ts";
import { type FindProgram, findProgramIn } from "../../cli/find-program.ts";
import { endsWell } from "../../cli/run-command.ts";

/** The programs that can build an image, in order of preference. */
export const containerTools = ["docker", "podman", "finch", "buildah"] as const;

/** One of {@link containerTools}. */
export type ContainerTool = (typeof containerTools)[number];

/** Runs a program; true when it ended with exit code 0. */
export type Probe = (file: string, args: readonly string[]) => Promise<boolean>;

/** Commands that must succeed before a tool can build: being installed is not enough. */
const probes: Readonly<Record<ContainerTool, readonly (readonly string[])[]>> = {
  docker: [
    ["version", "--format", "{{.Server.Version}}"],
    ["buildx", "version"],
  ],
  podman: [["info", "--format", "{{.Host.Arch}}"]],
  finch: [["info"]],
  buildah: [["info"]],
};

/** What to do about a tool whose probe fails. */
const advice: Readonly<Record<ContainerTool, string>> = {
  docker: "installed, but its daemon does not answer or buildx is missing: start Docker",
  podman: "installed, but does not work: try `podman info`",
  finch: "installed, but its machine does not run: `finch vm start`",
  buildah: "installed, but does not work: try `buildah info`",
};

/**
 * The tool to build with: the one named, or the first that works; and the reason, in words.
 *
 * @param named CONTAINER_TOOL; `undefined` to choose
 * @throws UserError for an unknown name, and when no tool works, with the reason for each
 */
export async function chooseContainerTool(
  named: string | undefined,
  findProgram: FindProgram = findProgramIn(process.env.PATH ?? ""),
  probe: Probe = (file, args) => endsWell({ file, args }),
) {
  const candidates = containerTools.filter((tool) => named === undefined || tool === named);
  if (candidates.length === 0) {
    const names = containerTools.join(", ");
    throw new UserError(`CONTAINER_TOOL=${named}: must be one of ${names}`);
  }
  const lacking: string[] = [];
  for (const tool of candidates) {
    const lack = await lackOf(tool, findProgram, probe);
    if (lack === undefined) return { tool, reason: reasonFor(named, lacking) };
    lacking.push(`${tool}: ${lack}`);
  }
  throw new UserError(
    `an image needs docker (with buildx), podman, finch or buildah:\n  ${lacking.join("\n  ")}`,
  );
}

async function lackOf(tool: ContainerTool, findProgram: FindProgram, probe: Probe) {
  if (findProgram(tool) === undefined) return "not installed";
  for (const args of probes[tool]) if (!(await probe(tool, args))) return advice[tool];
  return undefined;
}

function reasonFor(named: string | undefined, lacking: readonly string[]): string {
  if (named !== undefined) return "named by CONTAINER_TOOL";
  return lacking.length === 0 ? "the first choice, and it works" : lacking.join("; ");
}
