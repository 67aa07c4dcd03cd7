import { createHash } from "node:crypto";
import { invokeDirectly } from "../../../runtime/direct/invocation.ts";
import { llamaCliArguments } from "../../../runtime/engine/llama-cli/arguments.ts";
import type { GenerationRequest } from "../../../runtime/generation.ts";
import { createApp } from "../../../runtime/http/app.ts";
import { lambdaHandler } from "../../../runtime/http/lambda-handler.ts";
import { parseRequest, textBounds } from "../../../runtime/request/request.ts";
import { fakeConfig } from "../../helpers/fakes/fake-llama-cli.ts";
import { type Line, scriptedService } from "../../helpers/fakes/scripted-service.ts";
import { type UrlRequest, urlEvent } from "../../helpers/url-event.ts";

/** A request as it arrives, whatever the way. */
export type FuzzRequest = Required<UrlRequest> & { readonly headers: Record<string, string> };

/** What came back, whatever the way. */
export interface FuzzAnswer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

/** Every request's id. */
export const fuzzRequestId = "fuzz-id";

const remainingMs = () => 120_000;
const context = { awsRequestId: fuzzRequestId, getRemainingTimeInMillis: remainingMs };

/** All of the function but its engine, which answers at once and checks its input. */
export class FunctionUnderTest {
  readonly app: ReturnType<typeof createApp>;
  readonly handler: ReturnType<typeof lambdaHandler>;
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
    this.handler = lambdaHandler({
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
}

type Way = (target: FunctionUnderTest, request: FuzzRequest) => Promise<FuzzAnswer>;

const byEvent =
  (eventOf: (request: FuzzRequest) => unknown): Way =>
  async ({ handler }, request) => {
    const answer = await handler(eventOf(request), context);
    const contentType = "headers" in answer ? (answer.headers["content-type"] ?? "") : "";
    return { status: answer.statusCode, text: answer.body, contentType };
  };

const byWebRequest: Way = async ({ app }, { method, path, headers, body }) => {
  const { signal } = new AbortController();
  const isBare = ["GET", "HEAD"].includes(method.toUpperCase());
  const url = new URL(`http://localhost${path}`);
  const request = new Request(url, { method, headers, body: isBare ? null : new Uint8Array(body) });
  const response = await app(request, { requestId: fuzzRequestId, remainingMs, signal });
  const contentType = response.headers.get("content-type") ?? "";
  return { status: response.status, text: await response.text(), contentType };
};

/** Ways in to every route. */
export const httpWays = {
  "web request": byWebRequest,
  "function URL": byEvent((request) => urlEvent(request)),
  "function URL, base64": byEvent((request) => urlEvent(request, "base64")),
};

/** Ways in to the direct contract, the only one that an event of another kind takes. */
export const allWays = {
  ...httpWays,
  invocation: byEvent(({ body }) => valueOrText(body)),
  "invocation, as text": byEvent(({ body }) => body.toString()),
  "invocation, as a body": byEvent(({ body }) => ({ body: body.toString() })),
  "invocation, as base64": byEvent(({ body }) => ({
    body: body.toString("base64"),
    isBase64Encoded: true,
  })),
};

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

function valueOrText(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return body.toString();
  }
}
