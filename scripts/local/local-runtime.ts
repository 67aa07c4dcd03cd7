import { completeLocalEnvironment } from "./local-environment.ts";

/** Time that a local invocation has, in milliseconds: Lambda's maximum. */
const invocationMs = 15 * 60 * 1000;

/**
 * The Lambda handler with the engine and the model that the environment names; the reference engine
 * and the golden model by default.
 *
 * @throws UserError when a file cannot be used
 */
export async function loadLocalRuntime() {
  const names = completeLocalEnvironment();
  const { handler } = await import("../../runtime/handler.ts");
  return { ...names, invoke: (event: unknown) => handler(event, localContext()) };
}

/** The context of an invocation on this machine. */
export function localContext() {
  const endsAt = performance.now() + invocationMs;
  return {
    awsRequestId: crypto.randomUUID(),
    getRemainingTimeInMillis: () => endsAt - performance.now(),
  };
}
