import { copyFile, link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { endsWell, runCommand } from "../../cli/run-command.ts";
import { copySource } from "../engine/engine-source.ts";
import type { ContainerTool } from "./container-tool.ts";

/** A folder with what a build needs. */
export interface BuildContext {
  readonly folder: string;
  /** The engine's source tree, edited. */
  readonly engineFolder: string;
  /** The submodule's folder in it. */
  readonly submodulePath: string;
  /** Name in the context → file. */
  readonly files: Readonly<Record<string, string>>;
  /** Name in the context → its content. */
  readonly texts: Readonly<Record<string, string>>;
}

/** One stage of the Dockerfile to build. */
export interface StageBuild {
  readonly stage: string;
  readonly context: BuildContext;
  /** `linux/amd64` or `linux/arm64`. */
  readonly platform: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** An image of this name, a folder of its files, or nothing but the tool's cache. */
  readonly result: { readonly image: string } | { readonly folder: string } | undefined;
}

/** True when there is such an image on this machine. */
export function hasImage(tool: ContainerTool, image: string): Promise<boolean> {
  return endsWell({ file: tool, args: existsCommand(tool, image) });
}

/**
 * Builds stages that share a context, and prints how long each took.
 *
 * @param pullsNever base images must be on this machine; no registry is asked
 * @throws UserError when the tool fails
 */
export async function buildStages(
  tool: ContainerTool,
  stages: readonly StageBuild[],
  pullsNever: boolean,
): Promise<void> {
  const [first] = stages;
  if (first !== undefined) await makeContext(first.context);
  for (const build of stages) {
    const startedAt = performance.now();
    await runCommand({ file: tool, args: buildCommand(tool, build, pullsNever) });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`stage   ${build.stage.padEnd(12)} ${seconds.padStart(7)} s`);
  }
}

const filesOfEveryContext = {
  "compile-engine.sh": "container/compile-engine.sh",
  "gate.sh": "container/gate.sh",
  Dockerfile: "container/Dockerfile",
  ".dockerignore": "container/.dockerignore",
} as const;

/** Makes the folder with nothing else in it: no stray file of a user's gets into an image. */
async function makeContext(context: BuildContext): Promise<void> {
  await rm(context.folder, { recursive: true, force: true });
  await copySource(context.engineFolder, join(context.folder, "engine"), context.submodulePath);
  for (const [name, path] of Object.entries({ ...filesOfEveryContext, ...context.files })) {
    const to = join(context.folder, name);
    await mkdir(dirname(to), { recursive: true });
    // The model has a gigabyte: a second name for it where the file system allows one, else a copy.
    await link(path, to).catch(() => copyFile(path, to));
  }
  for (const [name, text] of Object.entries(context.texts)) {
    await writeFile(join(context.folder, name), text);
  }
}

// Lambda takes a single manifest: attestations would make an index of it. With a fixed date the
// same inputs give the same image. Podman and buildah attach nothing by themselves.
const buildKitFlags = ["--provenance=false", "--sbom=false", "--build-arg", "SOURCE_DATE_EPOCH=0"];
const buildahFlags = ["build", "--layers", "--format", "docker", "--timestamp", "0"];

const builders = {
  docker: { command: ["buildx", "build", "--progress=plain", ...buildKitFlags], pullNever: [] },
  finch: { command: ["build", "--progress=plain", ...buildKitFlags], pullNever: [] },
  podman: { command: buildahFlags, pullNever: ["--pull=never"] },
  buildah: { command: buildahFlags, pullNever: ["--pull-never"] },
} as const satisfies Record<ContainerTool, unknown>;

/** Arguments that build a stage. */
export function buildCommand(
  tool: ContainerTool,
  { stage, context, platform, buildArguments, result }: StageBuild,
  pullsNever: boolean,
): string[] {
  const pairs = Object.entries(buildArguments).map(([name, value]) => `${name}=${value}`);
  return [
    ...builders[tool].command,
    ...(pullsNever ? builders[tool].pullNever : []),
    ...["--platform", platform, "--target", stage, "--file", join(context.folder, "Dockerfile")],
    ...pairs.flatMap((pair) => ["--build-arg", pair]),
    ...resultFlags(tool, result),
    context.folder,
  ];
}

function resultFlags(tool: ContainerTool, result: StageBuild["result"]): string[] {
  if (result === undefined) return [];
  if ("folder" in result) return ["--output", `type=local,dest=${result.folder}`];
  return [...(tool === "docker" ? ["--load"] : []), "--tag", result.image];
}

/** Arguments that end with exit code 0 when there is such an image. */
export function existsCommand(tool: ContainerTool, image: string): string[] {
  return tool === "buildah" ? ["inspect", "--type", "image", image] : ["image", "inspect", image];
}
