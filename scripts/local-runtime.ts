import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { parseConfig } from "../runtime/config.ts";
import { createEngine } from "../runtime/create-engine.ts";
import type { DirectResponse } from "../runtime/direct-response.ts";
import type { Engine } from "../runtime/engine/engine.ts";
import { generate } from "../runtime/generate.ts";
import type { GenerationEvent } from "../runtime/generation.ts";
import { parseRequest } from "../runtime/request.ts";
import { requireFile } from "./require-file.ts";

/** The engine and the model that local commands use unless the environment names others. */
const referenceEngine = "dist/reference/llama-cli.mjs";
const goldenModel = "model/golden/golden.gguf";

/** The runtime as Lambda would load it, on this machine's engine and model. */
export interface LocalRuntime {
  /** Which engine and which model run, for people. */
  readonly engineName: string;
  readonly modelName: string;
  /** The model is the golden one, whose answers are known. */
  readonly isGolden: boolean;
  /** The Lambda handler. */
  invoke(event: unknown): Promise<DirectResponse>;
  /** The same answer piece by piece. */
  stream(body: unknown, signal: AbortSignal): AsyncIterable<GenerationEvent>;
}

/** Time a local invocation has, in milliseconds: as long as Lambda allows at most. */
const invocationMs = 15 * 60 * 1000;

/**
 * Loads the runtime with `BITNET_LLAMA_CLI` and `BITNET_MODEL`, or with the reference engine and
 * the golden model. Ends the process with a message when one of them is not there.
 */
export async function loadLocalRuntime(): Promise<LocalRuntime> {
  const { BITNET_LLAMA_CLI, BITNET_MODEL } = process.env;
  const engine = resolve(BITNET_LLAMA_CLI || referenceEngine);
  const model = resolve(BITNET_MODEL || goldenModel);
  requireFile("BITNET_LLAMA_CLI", engine, "run");
  requireFile("BITNET_MODEL", model, "read");
  process.env.BITNET_LLAMA_CLI = engine;
  process.env.BITNET_MODEL = model;

  const { handler } = await import("../runtime/handler.ts");
  return {
    engineName: BITNET_LLAMA_CLI ? engine : "reference engine (TypeScript)",
    modelName: BITNET_MODEL ? model : goldenModel,
    isGolden: !BITNET_MODEL,
    invoke: (event) => handler(event, localContext()),
    stream: streamer(),
  };
}

function localContext() {
  const endsAt = performance.now() + invocationMs;
  return {
    awsRequestId: crypto.randomUUID(),
    getRemainingTimeInMillis: () => endsAt - performance.now(),
  };
}

function streamer(): LocalRuntime["stream"] {
  let engine: Engine | undefined;
  return (body, signal) => {
    // Not before it is needed: a resident engine would be there twice.
    engine ??= createEngine(parseConfig(process.env), process.env);
    const request = parseRequest(body, () => randomInt(2 ** 32 - 1));
    return generate(engine, request, { signal, timeMs: invocationMs });
  };
}
