import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { endsWell, runCommand } from "../../cli/run-command.ts";
import { buildCommand, existsCommand, type StageBuild, saveCommand } from "./container-command.ts";
import type { ContainerTool } from "./container-tool.ts";
import { type ImageLayer, readLayers } from "./layer-report.ts";

/** A container tool at work. */
export interface ContainerBuilder {
  hasImage(image: string): Promise<boolean>;
  /** Builds one stage, quietly, and tells how long it took. @throws UserError */
  build(stage: string, options: StageOptions): Promise<void>;
  readLayers(image: string): Promise<ImageLayer[]>;
  /** Gives an image another name in place of the one it has. */
  rename(from: string, to: string): Promise<void>;
}

/** A stage to build, less what is the same for all. */
export type StageOptions = Omit<StageBuild, "stage" | "dockerfile" | "pullsNever">;

/** A builder that runs a container tool. */
export function createContainerBuilder(tool: ContainerTool, pullsNever: boolean): ContainerBuilder {
  return {
    hasImage: (image) => endsWell({ file: tool, args: existsCommand(tool, image) }),
    async build(stage, options) {
      const startedAt = performance.now();
      const dockerfile = join(options.contextFolder, "Dockerfile");
      const args = buildCommand(tool, { ...options, stage, dockerfile, pullsNever });
      await runCommand({ file: tool, args });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`stage   ${stage.padEnd(12)} ${seconds.padStart(7)} s`);
    },
    readLayers: (image) => saveAndRead(tool, image),
    async rename(from, to) {
      await runCommand({ file: tool, args: ["tag", from, to] });
      await runCommand({ file: tool, args: ["rmi", from] });
    },
  };
}

/** By way of a file: buildah cannot write to a pipe of Node's. */
async function saveAndRead(tool: ContainerTool, image: string): Promise<ImageLayer[]> {
  const folder = await mkdtemp(resolve("temp", "image-"));
  try {
    const path = join(folder, "image.tar");
    await runCommand({ file: tool, args: saveCommand(tool, image, path) });
    return await readLayers(createReadStream(path, { highWaterMark: 1024 * 1024 }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
