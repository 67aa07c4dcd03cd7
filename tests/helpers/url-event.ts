import type { IncomingHttpHeaders } from "node:http";

/** A request to a function URL; by default JSON to the chat route. */
export interface UrlRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: Buffer;
}

/** A function URL's event, in payload format 2.0. */
export function urlEvent(request: UrlRequest, encoding: "utf8" | "base64" = "utf8") {
  const { method = "POST", path = "/v1/chat/completions", body } = request;
  const [rawPath, rawQueryString = ""] = path.split("?");
  return {
    version: "2.0",
    rawPath,
    rawQueryString,
    headers: request.headers ?? { "content-type": "application/json" },
    requestContext: { http: { method } },
    body: body?.toString(encoding) ?? "",
    isBase64Encoded: encoding === "base64",
  };
}
