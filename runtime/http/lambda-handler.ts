import type { Writable } from "node:stream";
import * as z from "zod";
import type { Config } from "../config.ts";
import type { DirectInvocation, InvocationContext } from "../direct/invocation.ts";
import type { DirectResponse } from "../direct/response.ts";
import type { App } from "./app.ts";
import { writeBody } from "./response-body.ts";

/** What Lambda's runtime puts into the global scope of a streaming function; the part used here. */
export interface AwsLambda {
  streamifyResponse<Event, Context>(
    handler: (event: Event, stream: Writable, context: Context) => Promise<void>,
  ): unknown;
  readonly HttpResponseStream: {
    from(stream: Writable, head: ResponseHead): Writable;
  };
}

/** Status and headers as a function URL takes them. */
export interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A whole response as a buffered function URL takes it. */
export interface BufferedResponse extends ResponseHead {
  readonly body: string;
}

/** Dependencies of the Lambda handler. */
export interface LambdaHandlerDependencies {
  readonly config: Pick<Config, "urlInvokeMode">;
  readonly app: App;
  readonly invokeDirectly: DirectInvocation;
  /** Lambda's own global; absent elsewhere, where nothing can be streamed. */
  readonly awslambda: AwsLambda | undefined;
}

/** A handler that returns its whole answer. */
export type BufferedHandler = (
  event: unknown,
  context: InvocationContext,
) => Promise<DirectResponse | BufferedResponse>;

/**
 * The Lambda handler: a function URL's events go to the HTTP core, every other event is a direct
 * invocation. Streams where the function URL does, since each invoke mode reads its own kind of
 * answer; a direct invocation gets the same JSON either way.
 */
export function lambdaHandler(dependencies: LambdaHandlerDependencies): BufferedHandler {
  const { config, awslambda } = dependencies;
  // The AWS SDK defines a global of that name outside Lambda too, without the streaming functions.
  const canStream = awslambda?.streamifyResponse !== undefined;
  if (!canStream || config.urlInvokeMode === "BUFFERED") {
    return (event, context) => answerWhole(dependencies, event, context);
  }
  // Lambda calls what `streamifyResponse` returns; only Lambda knows its signature.
  return awslambda.streamifyResponse((event: unknown, stream, context: InvocationContext) =>
    answerStreamed(dependencies, awslambda, { event, stream, context }),
  ) as BufferedHandler;
}

async function answerWhole(
  { app, invokeDirectly }: LambdaHandlerDependencies,
  event: unknown,
  context: InvocationContext,
): Promise<DirectResponse | BufferedResponse> {
  const request = requestOfUrlEvent(event);
  if (request === undefined) return invokeDirectly(event, context);
  const response = await app(request, callOf(context));
  return { ...headOf(response), body: await response.text() };
}

interface StreamedInvocation {
  readonly event: unknown;
  readonly stream: Writable;
  readonly context: InvocationContext;
}

async function answerStreamed(
  { app, invokeDirectly }: LambdaHandlerDependencies,
  awslambda: AwsLambda,
  { event, stream, context }: StreamedInvocation,
): Promise<void> {
  // A resident engine keeps the event loop busy: the function would not be invoked again.
  context.callbackWaitsForEmptyEventLoop = false;
  const request = requestOfUrlEvent(event);
  if (request === undefined) {
    return writeBody(Response.json(await invokeDirectly(event, context)), stream);
  }
  const disconnected = new AbortController();
  stream.on("close", () => disconnected.abort());
  const response = await app(request, { ...callOf(context), signal: disconnected.signal });
  const httpStream = awslambda.HttpResponseStream.from(stream, headOf(response));
  // Status and headers are sent with the first write, so there has to be one.
  httpStream.write("");
  await writeBody(response, httpStream);
}

/** Lambda reports a caller's disconnect only by closing a stream. */
function callOf(context: InvocationContext) {
  return {
    requestId: context.awsRequestId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    signal: new AbortController().signal,
  };
}

function headOf({ status, headers }: Response): ResponseHead {
  return { statusCode: status, headers: Object.fromEntries(headers) };
}

/** A function URL's event; the part used here. Loose: AWS adds fields. */
const functionUrlEvent = z.object({
  version: z.literal("2.0"),
  rawPath: z.string(),
  rawQueryString: z.string().default(""),
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
});

/** Stands for the host, which has no meaning for a function. */
const anyHost = "https://lambda.invalid";

/** The web request that a function URL's event describes; `undefined` for any other event. */
function requestOfUrlEvent(event: unknown): Request | undefined {
  const { data } = functionUrlEvent.safeParse(event);
  if (data === undefined) return undefined;
  const { rawPath, rawQueryString, headers, body, isBase64Encoded } = data;
  const url = new URL(anyHost);
  url.pathname = rawPath;
  url.search = rawQueryString;
  const { method } = data.requestContext.http;
  const hasBody = typeof body === "string" && method !== "GET" && method !== "HEAD";
  try {
    return new Request(url, {
      method,
      headers: sendable(headers),
      ...(hasBody && { body: isBase64Encoded ? Buffer.from(body, "base64") : body }),
    });
  } catch {
    // Not a valid HTTP method: no function URL sends such an event.
    return undefined;
  }
}

/** Headers, without those that a web request cannot have: what is read here is plain ASCII. */
function sendable(headers: Readonly<Record<string, string>>): Headers {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    try {
      sent.append(name, value);
    } catch {
      // Not Latin-1, or not a valid header name.
    }
  }
  return sent;
}
