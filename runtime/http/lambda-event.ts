import * as z from "zod";

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

/** Hosts mean nothing to a function. */
const anyHost = "https://lambda.invalid";

/** The web request that a function URL's event stands for, or nothing for any other event. */
export function requestOfUrlEvent(event: unknown): Request | undefined {
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
    // No method that can be sent: no function URL makes such an event.
    return undefined;
  }
}

/** Headers, less those that a web request cannot have: what is read here is plain ASCII. */
function sendable(headers: Readonly<Record<string, string>>): Headers {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    try {
      sent.append(name, value);
    } catch {
      // Beyond Latin-1, or no name.
    }
  }
  return sent;
}
