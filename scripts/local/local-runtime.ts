import type { DirectResponse } from "../../runtime/direct/response.ts";
import { completeLocalEnvironment, type LocalNames } from "./local-environment.ts";

/** The Lambda handler with this machine's engine and model. */
export interface LocalRuntime extends LocalNames {
  /** Invokes the handler as Lambda does. */
  invoke(event: unknown): Promise<DirectResponse>;
}

/** Time that a local invocation has, in milliseconds: Lambda's maximum. */
const invocationMs = 15 * 60 * 1000;

/**
 * Loads the handler with the engine and the model that the environment names; the reference engine
 * and the golden model by default.
 *
 * @throws UserError when a file cannot be used
 */
export async function loadLocalRuntime(): Promise<LocalRuntime> {
  const names = completeLocalEnvironment();
  const { handler } = await import("../../runtime/handler.ts");
  return { ...names, invoke: (event) => handler(event, localContext()) };
}

/** The context of an invocation on this machine. */
export function localContext() {
  const endsAt = performance.now() + invocationMs;
  return {
    awsRequestId: crypto.randomUUID(),
    getRemainingTimeInMillis: () => endsAt - performance.now(),
  };
}
