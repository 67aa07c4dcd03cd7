import { mkdirSync, writeFileSync } from "node:fs";
import { provideEngineSource } from "./build/engine/engine-source.ts";
import { buildStages, hasImage, type StageBuild } from "./build/image/container-builder.ts";
import { type ContainerTool, chooseContainerTool } from "./build/image/container-tool.ts";
import { type ImageInputs, imageTag, resolveImageInputs } from "./build/image/image-inputs.ts";
import { buildArguments, imageStages, modelStage } from "./build/image/image-stages.ts";
import { modelPreparation, prepareModel } from "./build/image/prepared-model.ts";
import { provideModel } from "./build/model-file.ts";
import { parseSetupSettings } from "./build/setup-settings.ts";
import { runInterruptible } from "./cli/command-line.ts";

// `make image`: the function's image, unless there is one of the same inputs already. With
// `--print-tag` only the tag that it would have, once what can be checked before has been.

await runInterruptible(async (signal) => {
  const inputs = await resolveImageInputs(parseSetupSettings(process.env));
  const { architecture, settings } = inputs;
  const tag = imageTag(inputs);
  const image = `bitnet-lambda:${tag}`;
  if (process.argv.includes("--print-tag")) {
    requirePinnedBases(inputs);
    return console.log(tag);
  }
  const { tool, reason } = await chooseContainerTool(settings.CONTAINER_TOOL);
  console.log(`image   ${image}\ntool    ${tool} (${reason})`);
  if (await hasImage(tool, image)) {
    console.log("image   exists already with the same inputs: nothing to build");
  } else {
    await buildImage(inputs, image, tool, signal);
  }
  // For `make smoke` and `make deploy`.
  const note = JSON.stringify({ image, tag, architecture, tool }, null, 2);
  mkdirSync("dist/image", { recursive: true });
  writeFileSync(`dist/image/${architecture}.json`, `${note}\n`);
});

async function buildImage(
  inputs: ImageInputs,
  image: string,
  tool: ContainerTool,
  signal: AbortSignal,
): Promise<void> {
  requirePinnedBases(inputs);
  const { architecture, pins, settings } = inputs;
  const build = (stages: StageBuild[]) => buildStages(tool, stages, settings.PULL === "never");
  const engine = await provideEngineSource(architecture, pins.engine[architecture], settings);
  const model = await provideModel(pins.model, settings, signal);
  const preparation = modelPreparation(model, settings.EMBEDDING_TYPE);
  if (preparation) {
    await prepareModel(preparation, (folder) =>
      build([modelStage(inputs, engine.folder, preparation, folder)]),
    );
  }
  await build(imageStages(inputs, engine.folder, preparation?.path ?? model.path, image));
}

/** Fails for base images that are not pinned, before anything is fetched. */
function requirePinnedBases(inputs: ImageInputs): void {
  buildArguments(inputs, inputs.architecture);
}
