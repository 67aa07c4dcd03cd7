import { AppError } from "../errors.ts";
import { parseSentJson, requireBounds } from "../request/json.ts";

/**
 * What the caller means by an event: the request itself, the same as a JSON string, or the body of
 * an HTTP-shaped event (function URL, API Gateway), decoded where it is base64.
 *
 * @throws AppError `request-invalid` for what is no JSON, or nested or numbered without measure
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

/** What HTTP-shaped events may hold; the part used here. */
export interface HttpShaped {
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
  readonly headers?: unknown;
}

/** Marks of an HTTP event, none of which is a field of a request. */
const httpMarks = [
  "requestContext",
  "httpMethod",
  "rawPath",
  "headers",
  "isBase64Encoded",
] as const;

/** Whether an event came by HTTP, and not by a direct invocation. */
export function isHttpShaped(event: unknown): event is HttpShaped {
  if (typeof event !== "object" || event === null) return false;
  return "body" in event || httpMarks.some((mark) => mark in event);
}
