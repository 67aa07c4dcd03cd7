import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseArchitecture } from "../model/architecture.ts";
import { readPins } from "../model/pins.ts";
import { UserError } from "../model/user-error.ts";
import { readVariables } from "../runtime/variables.ts";
import { chooseContainerTool } from "./build/image/container-tool.ts";
import { type HandlerResponse, invokeInImage } from "./build/image/image-handler.ts";
import { pinnedModelPath } from "./build/model-file.ts";
import { parseSetupSettings, type SetupSettings } from "./build/setup-settings.ts";
import { runInterruptible } from "./cli/command-line.ts";
import { loadLocalRuntime } from "./local/local-environment.ts";

// `make smoke`: asks the real model on the real engine questions with known answers. In the image
// that `make image` made last for ARCH, or (LOCAL=1) with what `make engine` and `make init` made.

/** Prompts that every working 2B model continues so. */
const questions = [
  ["The capital of France is", /\bParis\b/],
  ["The capital of Japan is", /\bTokyo\b/],
  ["The first president of the United States was", /\bWashington\b/],
  ["Two plus two equals", /\b(four|4)\b/i],
  ["The opposite of hot is", /\bcold\b/i],
] as const;

const greedy = { n_predict: 12, temperature: 0, repeat_penalty: 1 };

const bodySchema = z.object({ content: z.string() });
const localSchema = z.object({ LOCAL: z.literal("1", "must be 1, or not set").optional() });

await runInterruptible(async () => {
  const events = questions.map(([prompt]) => ({ prompt, ...greedy }));
  const settings = parseSetupSettings(process.env);
  const { LOCAL } = readVariables(localSchema, process.env);
  const responses = await (LOCAL ? askLocalEngine : askImage)(events, settings);
  let right = 0;
  for (const [index, [prompt, expected]] of questions.entries()) {
    const answer = answerOf(responses[index]);
    const isRight = expected.test(answer);
    if (isRight) right++;
    console.log(`${isRight ? "right" : "WRONG"}  ${prompt} …${answer.replaceAll("\n", "⏎")}`);
  }
  if (right === questions.length) return;
  throw new UserError(
    `${right} of ${questions.length} answers are right: this engine or model must not be deployed`,
  );
});

function answerOf(response: HandlerResponse | undefined): string {
  if (!response) return "";
  const body: unknown = JSON.parse(response.body);
  return response.statusCode === 200 ? bodySchema.parse(body).content : response.body;
}

async function askImage(events: readonly object[], settings: SetupSettings) {
  const note = join("dist", "image", `${parseArchitecture(settings.ARCH ?? "x86_64")}.json`);
  if (!existsSync(note)) {
    throw new UserError(
      "no image was built here: run make image, or ask the engine of make engine with LOCAL=1",
    );
  }
  const { image } = z.object({ image: z.string() }).parse(JSON.parse(readFileSync(note, "utf8")));
  const { tool } = await chooseContainerTool(settings.CONTAINER_TOOL);
  console.log(`image ${image}`);
  return invokeInImage(tool, image, events);
}

async function askLocalEngine(events: readonly object[], { PINS }: SetupSettings) {
  const host = parseArchitecture(process.arch);
  process.env.BITNET_LLAMA_CLI ||= join("dist", "engine", host, "llama-cli");
  process.env.BITNET_MODEL ||= pinnedModelPath(readPins(PINS).model);
  process.env.BITNET_LOG_LEVEL ??= "error";
  const runtime = await loadLocalRuntime();
  console.log(`engine ${runtime.engineName}\nmodel ${runtime.modelName}`);
  const responses: HandlerResponse[] = [];
  for (const event of events) responses.push(await runtime.invoke(event));
  return responses;
}
