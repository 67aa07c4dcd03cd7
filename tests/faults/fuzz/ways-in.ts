import { type FuzzTarget, fuzzRequestId } from "./fuzz-target.ts";
import type { Contract } from "./request-texts.ts";

/** A request as it comes in, whatever the way. */
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

const call = {
  requestId: fuzzRequestId,
  remainingMs: () => 60_000,
  signal: new AbortController().signal,
};

/** Lambda's context of an invocation; time and id as everywhere. */
const context = { awsRequestId: fuzzRequestId, getRemainingTimeInMillis: call.remainingMs };

/** The HTTP core itself. */
const asRequest: WayIn = async ({ app }, request) => answerOf(await app(webRequest(request), call));

/** A function URL's event, its body as text or in base64. */
const asUrlEvent =
  (isBase64Encoded: boolean): WayIn =>
  async ({ handler }, { method, path, headers, body }) => {
    const [rawPath = "", rawQueryString = ""] = path.split("?");
    const answer = await handler(
      {
        version: "2.0",
        rawPath,
        rawQueryString,
        headers,
        requestContext: { http: { method } },
        body: Buffer.from(body).toString(isBase64Encoded ? "base64" : "utf8"),
        isBase64Encoded,
      },
      context,
    );
    const contentType = "headers" in answer ? (answer.headers["content-type"] ?? "") : "";
    return { status: answer.statusCode, text: answer.body, contentType };
  };

/** A direct invocation; the event is made of the body. */
const directly =
  (eventOf: (body: string) => unknown): WayIn =>
  async ({ handler }, { body }) => {
    const { statusCode, body: text } = await handler(
      eventOf(Buffer.from(body).toString()),
      context,
    );
    return { status: statusCode, text, contentType: "application/json" };
  };

/** AWS's Invoke API, as the local server has it: a status of its own, or the handler's answer. */
const byInvokeApi: WayIn = async ({ invokeApi }, { body }) => {
  const path = "/2015-03-31/functions/bitnet/invocations";
  const request = { method: "POST", path, headers: {}, body };
  const response = await invokeApi(webRequest(request));
  if (response === undefined) throw new Error("the Invoke API knows itself no more");
  const { status, text, contentType } = await answerOf(response);
  const payload = JSON.parse(text);
  if (response.headers.has("x-amz-function-error")) throw new Error(payload.errorMessage);
  // The API's own refusals have another shape than ours, which AWS's clients read.
  if (status !== 200) return { status, text: "", contentType: "" };
  return { status: payload.statusCode, text: payload.body, contentType };
};

/** An event of a value as it is where it is JSON, else the text. */
function valueOrText(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** Ways by which a path matters. */
export const httpWays = {
  "web request": asRequest,
  "function URL": asUrlEvent(false),
  "function URL, base64": asUrlEvent(true),
} as const satisfies Record<string, WayIn>;

/** Ways by which only the direct contract comes in. */
export const directWays = {
  invocation: directly(valueOrText),
  "invocation, as text": directly((body) => body),
  "invocation, as a body": directly((body) => ({ body })),
  "invocation, as base64": directly((body) => ({
    body: Buffer.from(body).toString("base64"),
    isBase64Encoded: true,
  })),
  "Invoke API": byInvokeApi,
} as const satisfies Record<string, WayIn>;

/** The route of each contract. */
export const routeOf = {
  direct: "/completion",
  chat: "/v1/chat/completions",
  completion: "/v1/completions",
} as const satisfies Record<Contract, string>;

function webRequest({ method, path, headers, body }: FuzzRequest): Request {
  const hasBody = method.toUpperCase() !== "GET" && method.toUpperCase() !== "HEAD";
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
