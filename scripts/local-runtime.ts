import { randomInt } from "node:crypto";
import { parseConfig } from "../runtime/config.ts";
import { createEngine } from "../runtime/create-engine.ts";
import type { DirectResponse } from "../runtime/direct-response.ts";
import type { Engine } from "../runtime/engine/engine.ts";
import { generate } from "../runtime/generate.ts";
import type { GenerationEvent } from "../runtime/generation.ts";
import { parseRequest } from "../runtime/request.ts";
import { completeLocalEnvironment, type LocalNames } from "./local-environment.ts";

/** The runtime as Lambda would load it, on this machine's engine and model. */
export interface LocalRuntime extends LocalNames {
  /** The Lambda handler. */
  invoke(event: unknown): Promise<DirectResponse>;
  /** The same answer piece by piece. */
  stream(body: unknown, signal: AbortSignal): AsyncIterable<GenerationEvent>;
}

/** Time a local invocation has, in milliseconds: as long as Lambda allows at most. */
const invocationMs = 15 * 60 * 1000;

/**
 * Loads the runtime with the engine and the model that the environment names, or with the reference
 * engine and the golden model. Ends the process with a message when a file is not there.
 */
export async function loadLocalRuntime(): Promise<LocalRuntime> {
  const names = completeLocalEnvironment();
  const { handler } = await import("../runtime/handler.ts");
  return {
    ...names,
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
