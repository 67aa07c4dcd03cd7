import { type FuzzTarget, fuzzRequestId } from "./fuzz-target.ts";

/** A request as it arrives, whatever the way. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What came back, whatever the way. */
export interface FuzzAnswer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

/** Brings a request to the function. */
export type WayIn = (target: FuzzTarget, request: FuzzRequest) => Promise<FuzzAnswer>;

const remainingMs = () => 60_000;
const context = { awsRequestId: fuzzRequestId, getRemainingTimeInMillis: remainingMs };

/** The HTTP core itself. */
const asRequest: WayIn = async ({ app }, request) => {
  const { signal } = new AbortController();
  return answerOf(
    await app(webRequest(request), { requestId: fuzzRequestId, remainingMs, signal }),
  );
};

/** A function URL's event. */
const asUrlEvent =
  (encoding: "utf8" | "base64"): WayIn =>
  async ({ handler }, { method, path, headers, body }) => {
    const [rawPath, rawQueryString = ""] = path.split("?");
    const event = {
      version: "2.0",
      rawPath,
      rawQueryString,
      headers,
      requestContext: { http: { method } },
      body: Buffer.from(body).toString(encoding),
      isBase64Encoded: encoding === "base64",
    };
    const answer = await handler(event, context);
    const contentType = "headers" in answer ? (answer.headers["content-type"] ?? "") : "";
    return { status: answer.statusCode, text: answer.body, contentType };
  };

/** A direct invocation with an event made of the body. */
const directly =
  (eventOf: (body: Buffer) => unknown): WayIn =>
  async ({ handler }, { body }) => {
    const { statusCode, body: text } = await handler(eventOf(Buffer.from(body)), context);
    return { status: statusCode, text, contentType: "application/json" };
  };

/** AWS's Invoke API, as the local server has it: a status of its own, or the handler's answer. */
const byInvokeApi: WayIn = async ({ invokeApi }, { body }) => {
  const path = "/2015-03-31/functions/bitnet/invocations";
  const response = await invokeApi(webRequest({ method: "POST", path, headers: {}, body }));
  if (response === undefined) throw new Error("the Invoke API does not know its own route");
  const { status, text } = await answerOf(response);
  const payload = JSON.parse(text);
  if (response.headers.has("x-amz-function-error")) throw new Error(payload.errorMessage);
  // The API's own refusals have AWS's shape, not ours.
  if (status !== 200) return { status, text: "", contentType: "" };
  return { status: payload.statusCode, text: payload.body, contentType: "application/json" };
};

function valueOrText(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return body.toString();
  }
}

/** Ways in to every route. */
export const httpWays: Readonly<Record<string, WayIn>> = {
  "web request": asRequest,
  "function URL": asUrlEvent("utf8"),
  "function URL, base64": asUrlEvent("base64"),
};

/** Every way in; these take the direct contract only. */
export const allWays: Readonly<Record<string, WayIn>> = {
  ...httpWays,
  invocation: directly(valueOrText),
  "invocation, as text": directly((body) => body.toString()),
  "invocation, as a body": directly((body) => ({ body: body.toString() })),
  "invocation, as base64": directly((body) => ({
    body: body.toString("base64"),
    isBase64Encoded: true,
  })),
  "Invoke API": byInvokeApi,
};

function webRequest({ method, path, headers, body }: FuzzRequest): Request {
  const hasBody = !["GET", "HEAD"].includes(method.toUpperCase());
  return new Request(new URL(`http://localhost${path}`), {
    method,
    headers,
    body: hasBody ? Buffer.from(body) : null,
  });
}

async function answerOf(response: Response): Promise<FuzzAnswer> {
  return {
    status: response.status,
    text: await response.text(),
    contentType: response.headers.get("content-type") ?? "",
  };
}
