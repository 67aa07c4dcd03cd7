import type { ContainerTool } from "./container-tool.ts";

/** One stage to build. */
export interface StageBuild {
  readonly stage: string;
  readonly contextFolder: string;
  readonly dockerfile: string;
  /** `linux/amd64` or `linux/arm64`. */
  readonly platform: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** What to make of it: an image of this name, a folder of its files, or nothing (the cache). */
  readonly result: { readonly image: string } | { readonly folder: string } | undefined;
  /** Base images must be there already; no registry is asked. */
  readonly pullsNever: boolean;
}

/** The command line that builds a stage. */
export function buildCommand(tool: ContainerTool, build: StageBuild): string[] {
  return [
    ...builders[tool].command,
    ...(build.pullsNever ? builders[tool].pullNever : []),
    ...["--platform", build.platform, "--target", build.stage, "--file", build.dockerfile],
    ...Object.entries(build.buildArguments).flatMap(([name, value]) => [
      "--build-arg",
      `${name}=${value}`,
    ]),
    ...resultFlags(tool, build.result),
    build.contextFolder,
  ];
}

// Lambda takes a single manifest: attestations would make an index of it. With a fixed date the
// same inputs give the same image. Podman and buildah attach nothing by themselves.
const buildKitFlags = ["--provenance=false", "--sbom=false", "--build-arg", "SOURCE_DATE_EPOCH=0"];
const buildahFlags = ["build", "--layers", "--format", "docker", "--timestamp", "0"];

const builders: Readonly<
  Record<ContainerTool, { command: readonly string[]; pullNever: readonly string[] }>
> = {
  docker: { command: ["buildx", "build", "--progress=plain", ...buildKitFlags], pullNever: [] },
  finch: { command: ["build", "--progress=plain", ...buildKitFlags], pullNever: [] },
  podman: { command: buildahFlags, pullNever: ["--pull=never"] },
  buildah: { command: buildahFlags, pullNever: ["--pull-never"] },
};

function resultFlags(tool: ContainerTool, result: StageBuild["result"]): string[] {
  if (result === undefined) return [];
  if ("folder" in result) return ["--output", `type=local,dest=${result.folder}`];
  return [...(tool === "docker" ? ["--load"] : []), "--tag", result.image];
}

/** Ends well when the image is there. */
export function existsCommand(tool: ContainerTool, image: string): string[] {
  return tool === "buildah" ? ["inspect", "--type", "image", image] : ["image", "inspect", image];
}

/** Writes the image as a tar of layers to a file. */
export function saveCommand(tool: ContainerTool, image: string, path: string): string[] {
  return tool === "buildah"
    ? ["push", "--quiet", image, `docker-archive:${path}:${image}`]
    : ["save", "--output", path, image];
}
