import { setTimeout as sleep } from "node:timers/promises";
import type { InvocationContext } from "../direct/invocation.ts";

/** Dependencies of an invocation. */
export interface InvocationDependencies {
  /** The function's handler. */
  readonly invoke: (event: unknown, context: InvocationContext) => Promise<unknown>;
  /** Time an invocation has, as the function's timeout on Lambda. */
  readonly timeoutMs: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Lambda's limit of a synchronous invocation's payload, and of its answer, in bytes. */
export const payloadBytes = 6 * 1024 * 1024;

/** How an invocation ended. */
export interface InvocationOutcome {
  /** JSON text: what the handler returned, or the error as Lambda describes it. */
  readonly payload: string;
  readonly isError: boolean;
  /** The line with times that Lambda writes at the end of an invocation. */
  readonly report: string;
}

/** Runs an invocation to its end, its timeout, or its failure; never rejects. */
export async function runInvocation(
  dependencies: InvocationDependencies,
  event: unknown,
  context: InvocationContext,
): Promise<InvocationOutcome> {
  const startedAt = dependencies.now();
  const ended = await endOf(dependencies, event, context);
  const durationMs = dependencies.now() - startedAt;
  const status = ended.isError ? "error" : "success";
  const metrics = { durationMs, billedDurationMs: Math.ceil(durationMs) };
  const record = { requestId: context.awsRequestId, status, metrics };
  return { ...ended, report: `${JSON.stringify({ type: "platform.report", record })}\n` };
}

async function endOf(
  { invoke, timeoutMs }: InvocationDependencies,
  event: unknown,
  context: InvocationContext,
): Promise<{ payload: string; isError: boolean }> {
  const timer = new AbortController();
  const timedOut = Symbol("timed out");
  try {
    const timeout = sleep(timeoutMs, timedOut, { signal: timer.signal, ref: false });
    const result = await Promise.race([invoke(event, context), timeout]);
    if (result === timedOut) return timeoutError(context.awsRequestId, timeoutMs);
    return returned(result);
  } catch (error) {
    return thrown(error);
  } finally {
    timer.abort();
  }
}

function returned(result: unknown): { payload: string; isError: boolean } {
  const payload = JSON.stringify(result) ?? "null";
  if (Buffer.byteLength(payload) <= payloadBytes) return { payload, isError: false };
  const message = `Response payload size exceeded maximum allowed payload size (${payloadBytes} bytes).`;
  return functionError("Function.ResponseSizeTooLarge", message);
}

function thrown(error: unknown): { payload: string; isError: boolean } {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return functionError(name, message);
}

function timeoutError(requestId: string, timeoutMs: number) {
  const seconds = (timeoutMs / 1000).toFixed(2);
  const message = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
  return functionError("Sandbox.Timedout", message);
}

function functionError(errorType: string, errorMessage: string) {
  return { payload: JSON.stringify({ errorType, errorMessage }), isError: true };
}
