import { setTimeout as sleep } from "node:timers/promises";
import type { InvocationContext } from "../direct/invocation.ts";
import { parseJson } from "../request/json.ts";

/** Dependencies of the Invoke API. */
export interface InvokeApiDependencies {
  /** The only function there is. */
  readonly functionName: string;
  /** The function's handler. */
  readonly invoke: (event: unknown, context: InvocationContext) => Promise<unknown>;
  /** Time an invocation has, as the function's timeout on Lambda. */
  readonly timeoutMs: number;
  readonly newRequestId: () => string;
  /** No more requests can wait; Lambda would start more environments up to its limit. */
  readonly isBusy: () => boolean;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Lambda's limit of a synchronous invocation's payload, and of its answer, in bytes. */
export const payloadBytes = 6 * 1024 * 1024;

/** An error, as AWS's clients recognize it. */
interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

const invocationTypes = ["RequestResponse", "Event", "DryRun"] as const;

/**
 * AWS's own `POST /2015-03-31/functions/NAME/invocations`, so that `aws lambda invoke
 * --endpoint-url` and the AWS SDKs reach the handler on this machine. `undefined` for any other request.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (read 2026-11).
 */
export async function answerInvokeApi(
  dependencies: InvokeApiDependencies,
  request: Request,
): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  const named = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname)?.[1];
  if (request.method !== "POST" || named === undefined) return undefined;
  const requestId = dependencies.newRequestId();
  const answer = await answerInvocation(dependencies, {
    name: decoded(named),
    type: request.headers.get("x-amz-invocation-type") ?? "RequestResponse",
    isTailWanted: request.headers.get("x-amz-log-type") === "Tail",
    payload: Buffer.from(await request.arrayBuffer()),
    requestId,
  });
  answer.headers.set("x-amzn-requestid", requestId);
  return answer;
}

/** A part of a path; as it is when it stands for no text. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

interface Invocation {
  readonly name: string;
  readonly type: string;
  readonly isTailWanted: boolean;
  readonly payload: Buffer;
  readonly requestId: string;
}

async function answerInvocation(
  dependencies: InvokeApiDependencies,
  invocation: Invocation,
): Promise<Response> {
  const refusal = refusalOf(dependencies, invocation);
  if (refusal) return refusalResponse(refusal);
  const event = eventOf(invocation.payload);
  if (event === undefined) return refusalResponse(notJson);
  if (invocation.type === "DryRun") return new Response(null, { status: 204 });
  if (dependencies.isBusy()) return refusalResponse(tooMany);

  const outcome = runInvocation(dependencies, event.value, contextOf(dependencies, invocation));
  if (invocation.type === "RequestResponse") {
    return outcomeResponse(await outcome, invocation.isTailWanted);
  }
  // It never rejects: a failed invocation is an outcome too.
  void outcome;
  return new Response(null, { status: 202 });
}

const notJson: Refusal = {
  status: 400,
  type: "InvalidRequestContentException",
  message: "Could not parse request body into json",
};

const tooMany: Refusal = {
  status: 429,
  type: "TooManyRequestsException",
  message: "Rate Exceeded.",
};

function refusalOf(
  { functionName }: InvokeApiDependencies,
  invocation: Invocation,
): Refusal | undefined {
  const { name, type, payload } = invocation;
  // The name may be an ARN, and end in a version or an alias.
  const [, bare = name] = /^(?:arn:[^/]*:function:)?([\w-]+)(?::[\w$-]+)?$/.exec(name) ?? [];
  if (bare !== functionName) {
    const message = `Function not found: ${bare}; here is ${functionName}`;
    return { status: 404, type: "ResourceNotFoundException", message };
  }
  if (!invocationTypes.some((known) => known === type)) {
    const message = `X-Amz-Invocation-Type must be one of ${invocationTypes.join(", ")}`;
    return { status: 400, type: "InvalidParameterValueException", message };
  }
  if (payload.length > payloadBytes) {
    const message = `Request must be smaller than ${payloadBytes} bytes for the InvokeFunction operation`;
    return { status: 413, type: "RequestTooLargeException", message };
  }
  return undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The event; an empty payload is an empty object. `undefined` for text that is not JSON. */
function eventOf(payload: Buffer): { value: unknown } | undefined {
  if (payload.length === 0) return { value: {} };
  try {
    return { value: parseJson(utf8.decode(payload), "payload") };
  } catch {
    return undefined;
  }
}

function contextOf(
  dependencies: InvokeApiDependencies,
  { requestId }: Invocation,
): InvocationContext {
  const endsAt = dependencies.now() + dependencies.timeoutMs;
  return {
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - dependencies.now()),
  };
}

function refusalResponse({ status, type, message }: Refusal): Response {
  return new Response(JSON.stringify({ Type: "User", Message: message }), {
    status,
    headers: { "content-type": "application/json", "x-amzn-errortype": type },
  });
}

function outcomeResponse(outcome: InvocationOutcome, isTailWanted: boolean): Response {
  return new Response(outcome.payload, {
    headers: {
      "content-type": "application/json",
      "x-amz-executed-version": "$LATEST",
      ...(outcome.isError && { "x-amz-function-error": "Unhandled" }),
      ...(isTailWanted && { "x-amz-log-result": Buffer.from(outcome.report).toString("base64") }),
    },
  });
}

/** How an invocation ended. */
interface InvocationOutcome {
  /** JSON text: what the handler returned, or the error as Lambda describes it. */
  readonly payload: string;
  readonly isError: boolean;
  /** The line with times that Lambda writes at the end of an invocation. */
  readonly report: string;
}

/** Runs an invocation to its end, its timeout, or its failure; never rejects. */
async function runInvocation(
  dependencies: InvokeApiDependencies,
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
  { invoke, timeoutMs }: InvokeApiDependencies,
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
