import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import type { DirectResponse } from "../runtime/direct-response.ts";

/** The engine and the model that local commands use unless the environment names others. */
const referenceEngine = "dist/reference/llama-cli.mjs";
const goldenModel = "model/golden/golden.gguf";

/** The handler as Lambda would load it, on this machine's engine and model. */
export interface LocalRuntime {
  /** Which engine runs, for people. */
  readonly engineName: string;
  /** Which model runs, for people. */
  readonly modelName: string;
  invoke(event: unknown): Promise<DirectResponse>;
}

/** Time a local invocation has, in milliseconds: as long as Lambda allows at most. */
const invocationMs = 15 * 60 * 1000;

/**
 * Loads the handler with `BITNET_LLAMA_CLI` and `BITNET_MODEL`, or with the reference engine and
 * the golden model. Ends the process with a message when one of them is not there.
 */
export async function loadLocalRuntime(): Promise<LocalRuntime> {
  const { BITNET_LLAMA_CLI, BITNET_MODEL } = process.env;
  const engine = resolve(BITNET_LLAMA_CLI || referenceEngine);
  const model = resolve(BITNET_MODEL || goldenModel);
  requireFile("BITNET_LLAMA_CLI", engine, constants.X_OK);
  requireFile("BITNET_MODEL", model, constants.R_OK);
  process.env.BITNET_LLAMA_CLI = engine;
  process.env.BITNET_MODEL = model;

  const { handler } = await import("../runtime/handler.ts");
  return {
    engineName: BITNET_LLAMA_CLI ? engine : "reference engine (TypeScript)",
    modelName: BITNET_MODEL ? model : goldenModel,
    invoke: (event) => handler(event, localContext()),
  };
}

function localContext() {
  const endsAt = performance.now() + invocationMs;
  return {
    awsRequestId: crypto.randomUUID(),
    getRemainingTimeInMillis: () => endsAt - performance.now(),
  };
}

function requireFile(variable: string, path: string, mode: number): void {
  try {
    accessSync(path, mode);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const what = code === "EACCES" ? "cannot be used (permission)" : "does not exist";
    console.error(`${variable}: ${path} ${what}`);
    process.exit(2);
  }
}
