import type { Writable } from "node:stream";
import type { Config } from "./config.ts";
import type { DirectInvocation, InvocationContext } from "./direct/invocation.ts";
import type { DirectResponse } from "./direct/response.ts";
import type { App } from "./http/app.ts";
import { requestOfUrlEvent } from "./http/lambda-event.ts";
import {
  type AwsLambda,
  type BufferedResponse,
  bufferedResponse,
  streamResponse,
} from "./http/lambda-response.ts";
import { writeBody } from "./http/response-body.ts";

/** What a Lambda handler stands on. */
export interface LambdaHandlerParts {
  readonly config: Pick<Config, "urlInvokeMode">;
  readonly app: App;
  readonly invokeDirectly: DirectInvocation;
  /** Lambda's own global; absent elsewhere, and then nothing can be streamed. */
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
export function createLambdaHandler(parts: LambdaHandlerParts): BufferedHandler {
  const { config, awslambda } = parts;
  // The AWS SDK makes a global of that name outside Lambda too, with nothing in it to stream by.
  const canStream = awslambda?.streamifyResponse !== undefined;
  if (!canStream || config.urlInvokeMode === "BUFFERED") return bufferedHandler(parts);
  // Lambda calls what `streamifyResponse` returns; only Lambda knows its signature.
  return awslambda.streamifyResponse(streamingHandler(parts, awslambda)) as BufferedHandler;
}

function bufferedHandler({ app, invokeDirectly }: LambdaHandlerParts): BufferedHandler {
  return async (event, context) => {
    const request = requestOfUrlEvent(event);
    if (request === undefined) return invokeDirectly(event, context);
    return bufferedResponse(await app(request, callOf(context)));
  };
}

function streamingHandler({ app, invokeDirectly }: LambdaHandlerParts, awslambda: AwsLambda) {
  return async (event: unknown, stream: Writable, context: InvocationContext) => {
    // A resident engine is always under way: the function would never be asked again.
    context.callbackWaitsForEmptyEventLoop = false;
    const request = requestOfUrlEvent(event);
    if (request === undefined) {
      return writeBody(Response.json(await invokeDirectly(event, context)), stream);
    }
    const gone = new AbortController();
    stream.on("close", () => gone.abort());
    const response = await app(request, { ...callOf(context), signal: gone.signal });
    await streamResponse(awslambda, stream, response);
  };
}

/** Lambda does not tell of a caller who has gone, but for a stream that it closes itself. */
function callOf(context: InvocationContext) {
  return {
    requestId: context.awsRequestId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    signal: new AbortController().signal,
  };
}
