import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Architecture, parseArchitecture } from "../model/architecture.ts";
import { type Pins, readPins } from "../model/pins.ts";
import { provideEngineSource } from "./build/engine/engine-source.ts";
import { stageBuildContext } from "./build/image/build-context.ts";
import { type ContainerBuilder, createContainerBuilder } from "./build/image/container-builder.ts";
import { chooseContainerTool } from "./build/image/container-tool.ts";
import { promptCacheFiles, requireFinalFiles } from "./build/image/final-files.ts";
import { type ImagePlan, planImage } from "./build/image/image-plan.ts";
import { layerTable } from "./build/image/layer-table.ts";
import { modelPreparation, prepareModel } from "./build/image/prepared-model.ts";
import { stageArguments } from "./build/image/stage-arguments.ts";
import { provideModel } from "./build/model-file.ts";
import { parseSetupSettings, type SetupSettings } from "./build/setup-settings.ts";
import { findProgramIn } from "./cli/find-program.ts";
import { endsWell } from "./cli/run-command.ts";
import { runScript } from "./cli/run-script.ts";

// `make image`: the function's image, unless there is one of the same inputs already. With
// `--print-tag` only the tag that it would have, once what can be checked before has been.

/** Where what was built is noted, for whoever pushes it. */
const noteFolder = "dist/image";

await runScript(async (signal) => {
  const settings = parseSetupSettings(process.env);
  const pins = readPins(settings.PINS);
  const plan = await planImage(parseArchitecture(settings.ARCH ?? "x86_64"), pins, settings);
  if (process.argv.includes("--print-tag")) return printTag(plan, pins, settings);
  const { tool, reason } = await chooseContainerTool(
    settings.CONTAINER_TOOL,
    findProgramIn(process.env.PATH ?? ""),
    (file, args) => endsWell({ file, args }),
  );
  console.log(`image   ${plan.image}\ntool    ${tool} (${reason})`);
  const builder = createContainerBuilder(tool, settings.PULL === "never");
  if (await builder.hasImage(plan.image)) {
    console.log("image   is there already, made of the same inputs: nothing to build");
  } else {
    await buildImage(plan, pins, settings, builder, signal);
  }
  note(plan, tool);
});

function printTag({ architecture, tag }: ImagePlan, pins: Pins, settings: SetupSettings): void {
  const build = parseArchitecture(process.arch);
  stageArguments({ pins, settings, build, compile: architecture, target: architecture });
  console.log(tag);
}

async function buildImage(
  plan: ImagePlan,
  pins: Pins,
  settings: SetupSettings,
  builder: ContainerBuilder,
  signal: AbortSignal,
): Promise<void> {
  const build = parseArchitecture(process.arch);
  // Before anything is fetched: what cannot be built should not take long to say so.
  const image = stageArguments({
    pins,
    settings,
    build,
    compile: plan.architecture,
    target: plan.architecture,
  });
  const source = await provideEngineSource(
    plan.architecture,
    pins.engine[plan.architecture],
    settings,
  );
  const model = await provideModel(pins.model, settings, signal);
  const context = {
    engineSource: source.folder,
    submodulePath: pins.engine[plan.architecture].submodulePath,
  };

  const preparation = modelPreparation(model, settings.EMBEDDING_TYPE);
  if (preparation) {
    await prepareModel(preparation, async (folder) => {
      const contextFolder = contextFolderOf(plan.architecture, "model");
      await stageBuildContext({
        ...context,
        folder: contextFolder,
        files: { "source.gguf": model.path },
      });
      await builder.build("model", {
        contextFolder,
        // Always the x86_64 quantizer: the other one rounds differently.
        platform: "linux/amd64",
        buildArguments: {
          ...stageArguments({ pins, settings, build, compile: "x86_64", target: "x86_64" }),
          EMBEDDING_TYPE: preparation.embeddingType,
          OVERRIDES: preparation.overrides,
          ...(plan.architecture === "x86_64" ? {} : { PROGRAMS: "llama-quantize" }),
        },
        result: { folder: resolve(folder) },
      });
    });
  }

  const contextFolder = contextFolderOf(plan.architecture, "image");
  const systemPrompt = settings.BITNET_SYSTEM_PROMPT ?? "";
  await stageBuildContext({
    ...context,
    folder: contextFolder,
    files: {
      "model.gguf": preparation?.path ?? model.path,
      "handler.mjs": "dist/handler/handler.mjs",
      "gate/test-engine.mjs": "dist/gate/test-engine.mjs",
      "gate/golden.gguf": "model/golden/golden.gguf",
      "gate/expectations.json": "model/golden/expectations.json",
      "prompt-cache/make-prompt-cache.mjs": "dist/prompt-cache/make-prompt-cache.mjs",
      "prompt-cache/system-prompt": writeSystemPrompt(plan.architecture, systemPrompt),
    },
  });
  const hasPromptCache = systemPrompt !== "";
  const arguments_ = {
    ...image,
    MODEL_NAME: plan.modelName,
    PROMPT_CACHE: hasPromptCache ? promptCacheFiles[0] : "",
  };
  const common = { contextFolder, platform: plan.platform, buildArguments: arguments_ };
  for (const stage of ["tools", "compile", "gate", "prompt-cache"]) {
    await builder.build(stage, { ...common, result: undefined });
  }
  // Only what passed every check gets the name by which it would be found and pushed.
  const unchecked = `${plan.image}-unchecked`;
  await builder.build("image", { ...common, result: { image: unchecked } });
  const layers = await builder.readLayers(unchecked);
  requireFinalFiles(layers, hasPromptCache);
  await builder.rename(unchecked, plan.image);
  console.log(layerTable(layers));
}

/** The system prompt in a file, since a build argument would not keep every character of it. */
function writeSystemPrompt(architecture: Architecture, systemPrompt: string): string {
  const folder = resolve("temp", "context");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${architecture}-system-prompt`);
  writeFileSync(path, systemPrompt);
  return path;
}

function contextFolderOf(architecture: Architecture, use: string): string {
  return resolve("temp", "context", `${architecture}-${use}`);
}

function note({ architecture, image, tag }: ImagePlan, tool: string): void {
  mkdirSync(noteFolder, { recursive: true });
  const text = JSON.stringify({ image, tag, architecture, tool }, null, 2);
  writeFileSync(join(noteFolder, `${architecture}.json`), `${text}\n`);
}
