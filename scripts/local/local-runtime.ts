import { createApplication } from "../../runtime/application.ts";
import type { DirectResponse } from "../../runtime/direct/response.ts";
import type { GenerationEvent } from "../../runtime/generation.ts";
import { parseRequest } from "../../runtime/request/request.ts";
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
  const { handler } = await import("../../runtime/handler.ts");
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
  let application: ReturnType<typeof createApplication> | undefined;
  return (body, signal) => {
    // Not before it is needed: a resident engine would be there twice.
    application ??= createApplication(process.env);
    const { service } = application;
    const call = service.admit({
      requestId: crypto.randomUUID(),
      remainingMs: () => invocationMs,
      signal,
    });
    const drawSeed = () => service.drawSeed(call.requestId);
    return service.begin(parseRequest(body, drawSeed, service.systemPrompt), call).events;
  };
}
