import { createHash } from "node:crypto";
import { invokeDirectly } from "../../../runtime/direct/invocation.ts";
import { llamaCliArguments } from "../../../runtime/engine/llama-cli/arguments.ts";
import type { GenerationRequest } from "../../../runtime/generation.ts";
import { createApp } from "../../../runtime/http/app.ts";
import { answerInvokeApi } from "../../../runtime/http/invoke-api.ts";
import { lambdaHandler } from "../../../runtime/http/lambda-handler.ts";
import { parseRequest, textBounds } from "../../../runtime/request/request.ts";
import { fakeConfig } from "../../helpers/fakes/fake-llama-cli.ts";
import { type Line, scriptedService } from "../../helpers/fakes/scripted-service.ts";

/** Every request's id. */
export const fuzzRequestId = "fuzz-id";

/** A request as it arrives, whatever the way. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What came back, whatever the way. */
export interface FuzzAnswer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

/** Events of Lambda that bring a request; all but a function URL's take the direct contract only. */
const events: Readonly<Record<string, (request: FuzzRequest) => unknown>> = {
  "function URL": (request) => urlEvent(request, "utf8"),
  "function URL, base64": (request) => urlEvent(request, "base64"),
  invocation: ({ body }) => valueOrText(body),
  "invocation, as text": ({ body }) => body.toString(),
  "invocation, as a body": ({ body }) => ({ body: body.toString() }),
  "invocation, as base64": ({ body }) => ({
    body: body.toString("base64"),
    isBase64Encoded: true,
  }),
};

/** Ways in to every route, and all ways in to the direct contract. */
export const httpWays = ["web request", "function URL", "function URL, base64"];
export const allWays = ["web request", "Invoke API", ...Object.keys(events)];

const remainingMs = () => 120_000;
const context = { awsRequestId: fuzzRequestId, getRemainingTimeInMillis: remainingMs };

/** All of the function but its engine, which answers at once and checks its input. */
export class FunctionUnderTest {
  readonly app: ReturnType<typeof createApp>;
  readonly #handler: ReturnType<typeof lambdaHandler>;
  readonly #lines: Line[] = [];

  constructor({ hasKey = false } = {}) {
    const service = scriptedService({
      pieces: ["An ", "answer."],
      onRequest: requireContract,
      onLine: (line) => this.#lines.push(line),
    });
    const key = createHash("sha256").update("open sesame").digest("hex");
    const config = {
      apiKeySha256: hasKey ? key : undefined,
      corsOrigins: ["https://a.example"],
      urlInvokeMode: "BUFFERED",
    } as const;
    this.app = createApp({ config, service });
    this.#handler = lambdaHandler({
      config,
      app: this.app,
      invokeDirectly: (event, given) => invokeDirectly({ config, service }, event, given),
      awslambda: undefined,
    });
  }

  /** The lines of its log since the last look. */
  takeLines(): Line[] {
    return this.#lines.splice(0);
  }

  /** Brings a request in on one of {@link allWays}. */
  async answer(way: string, request: FuzzRequest): Promise<FuzzAnswer> {
    if (way === "Invoke API") return this.#byInvokeApi(request);
    if (way === "web request") {
      const { signal } = new AbortController();
      const call = { requestId: fuzzRequestId, remainingMs, signal };
      return answerOf(await this.app(webRequest(request), call));
    }
    const answer = await this.#handler(events[way]?.(request), context);
    const contentType = "headers" in answer ? (answer.headers["content-type"] ?? "") : "";
    return { status: answer.statusCode, text: answer.body, contentType };
  }

  /** AWS's Invoke API, as the local server has it: a status of its own, or the handler's answer. */
  async #byInvokeApi({ body }: FuzzRequest): Promise<FuzzAnswer> {
    const invocation = {
      functionName: "bitnet",
      timeoutMs: 120_000,
      invoke: this.#handler,
      newRequestId: () => fuzzRequestId,
      now: () => performance.now(),
      isBusy: () => false,
    };
    const path = "/2015-03-31/functions/bitnet/invocations";
    const request = webRequest({ method: "POST", path, headers: {}, body });
    const response = await answerInvokeApi(invocation, request);
    if (response === undefined) throw new Error("the Invoke API does not know its own route");
    const { status, text } = await answerOf(response);
    const payload = JSON.parse(text);
    if (response.headers.has("x-amz-function-error")) throw new Error(payload.errorMessage);
    // The API's own refusals have AWS's shape, not ours.
    if (status !== 200) return { status, text: "", contentType: "" };
    return { status: payload.statusCode, text: payload.body, contentType: "application/json" };
  }
}

const engineConfig = { ...fakeConfig("golden"), threads: 1 };

/** The longest argument on Linux: MAX_ARG_STRLEN, 32 pages. */
const longestArgument = 128 * 1024;

/** Fails unless an engine's input, all of which it trusts, is a valid request of its own. */
function requireContract(request: GenerationRequest): void {
  const { logit_bias: _, grammar, ...settings } = request.settings;
  parseRequest({ ...settings, grammar: grammar || undefined, prompt: "Hi" }, () => 7);
  expect(request.prompt).not.toBe("");
  expect(request.prompt.isWellFormed()).toBe(true);
  // The template around messages, and blanks in special tokens, at most double a prompt.
  expect(Buffer.byteLength(request.prompt)).toBeLessThanOrEqual(2 * textBounds.promptBytes);
  for (const argument of llamaCliArguments(request, engineConfig)) {
    expect(argument).not.toContain("\0");
    expect(Buffer.byteLength(argument)).toBeLessThan(longestArgument);
  }
}

function urlEvent({ method, path, headers, body }: FuzzRequest, encoding: "utf8" | "base64") {
  const [rawPath, rawQueryString = ""] = path.split("?");
  return {
    version: "2.0",
    rawPath,
    rawQueryString,
    headers,
    requestContext: { http: { method } },
    body: body.toString(encoding),
    isBase64Encoded: encoding === "base64",
  };
}

function valueOrText(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return body.toString();
  }
}

function webRequest({ method, path, headers, body }: FuzzRequest): Request {
  const isBare = ["GET", "HEAD"].includes(method.toUpperCase());
  const url = new URL(`http://localhost${path}`);
  return new Request(url, { method, headers, body: isBare ? null : new Uint8Array(body) });
}

async function answerOf(response: Response): Promise<FuzzAnswer> {
  const contentType = response.headers.get("content-type") ?? "";
  return { status: response.status, text: await response.text(), contentType };
}
