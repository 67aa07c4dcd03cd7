import { wholeAnswer } from "../answer.ts";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import { requireApiKey } from "../http/api-key.ts";
import { parseSentJson, requireBounds } from "../request/json.ts";
import { parseRequest } from "../request/request.ts";
import type { Service } from "../service.ts";
import { answerBody, type DirectResponse, directResponse } from "./response.ts";

/** Lambda's context of an invocation; the part used here. */
export interface InvocationContext {
  readonly awsRequestId: string;
  /** Whether a streaming function's next invocation waits until the event loop is empty. */
  callbackWaitsForEmptyEventLoop?: boolean;
  getRemainingTimeInMillis(): number;
}

/** Dependencies of a direct invocation. */
export interface DirectDependencies {
  readonly config: Pick<Config, "apiKeySha256">;
  readonly service: Service;
}

/** The direct contract: event in, `{statusCode, body}` out, never throws. */
export type DirectInvocation = (
  event: unknown,
  context: InvocationContext,
) => Promise<DirectResponse>;

/** Answers a direct invocation. IAM has authorized it; only an HTTP-shaped event needs a key. */
export async function invokeDirectly(
  { config, service }: DirectDependencies,
  event: unknown,
  context: InvocationContext,
): Promise<DirectResponse> {
  const requestId = context.awsRequestId;
  const call = service.admit({
    requestId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    // Lambda does not report the disconnect of a direct invocation's caller.
    signal: new AbortController().signal,
  });
  try {
    if (isHttpShaped(event)) requireApiKey(event.headers, config.apiKeySha256);
    const { drawSeed, systemPrompt } = service.openAiContext(requestId);
    const request = parseRequest(requestOfEvent(event), drawSeed, systemPrompt);
    return directResponse(200, answerBody(await wholeAnswer(service.begin(request, call))));
  } catch (thrown) {
    const { status, body } = service.fail(thrown, { requestId });
    return directResponse(status, body);
  }
}

/**
 * The request in an event: itself, the same as a JSON string, or an HTTP-shaped event's body.
 *
 * @throws AppError `request-invalid` for what is no JSON, nested too deep or too large
 */
export function requestOfEvent(event: unknown): unknown {
  if (typeof event === "string") return parseSentJson(event, "event");
  if (!isHttpShaped(event)) return requireBounds(event, "event");
  if (typeof event.body !== "string") {
    const message = "is missing; send the request as JSON text";
    throw new AppError("request-invalid", `body: ${message}`, {
      problems: [{ path: "body", message }],
    });
  }
  const { body, isBase64Encoded } = event;
  return parseSentJson(isBase64Encoded ? Buffer.from(body, "base64") : body, "body");
}

/** An HTTP-shaped event; the part used here. */
interface HttpShaped {
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
  readonly headers?: unknown;
}

/** Fields of HTTP events, none of which is a field of a request. */
const httpFields = [
  "body",
  "requestContext",
  "httpMethod",
  "rawPath",
  "headers",
  "isBase64Encoded",
] as const;

function isHttpShaped(event: unknown): event is HttpShaped {
  return typeof event === "object" && event !== null && httpFields.some((name) => name in event);
}
