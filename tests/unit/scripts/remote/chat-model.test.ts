import { connectChat } from "../../../../scripts/remote/chat-model.ts";

const functionUrl = "https://abcdefgh.lambda-url.eu-west-1.on.aws";
const never = new AbortController().signal;

const chunk = (choice: object, more: object = {}) => ({
  choices: [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});
const hello = chunk({ delta: { content: "Hello" } });
const last = chunk(
  { delta: {}, finish_reason: "stop" },
  { bitnet: { timings: { predicted_per_second: 30 } } },
);
const usage = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } };

/** Requests that would have been sent, in order. */
let requests: Request[];
let answered: readonly object[];
let sending: jest.SpyInstance;

beforeEach(() => {
  requests = [];
  answered = [hello, last, usage];
  sending = jest.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input as Request, init);
    requests.push(request);
    if (request.url.endsWith("/models")) return Response.json({ data: [{ id: "golden" }] });
    const events = answered.map((event) => `data: ${JSON.stringify(event)}\n\n`);
    const headers = { "content-type": "text/event-stream" };
    return new Response(`${events.join("")}data: [DONE]\n\n`, { headers });
  });
  process.env.AWS_ACCESS_KEY_ID = "AKIDEXAMPLE";
  process.env.AWS_SECRET_ACCESS_KEY = "secret";
  process.env.AWS_SESSION_TOKEN = "token";
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
});
afterEach(() => {
  sending.mockRestore();
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]) {
    delete process.env[name];
  }
});

/** Asks a model once; the events of its answer. */
async function ask(url: string, apiKey?: string) {
  const events: unknown[] = [];
  const turns = [{ role: "user", content: "Hi" }] as const;
  const model = await connectChat(url, apiKey);
  for await (const event of model.answer(turns, never)) events.push(event);
  return events;
}

describe("connectChat", () => {
  it("asks the server's model, and yields text and figures", async () => {
    const events = await ask("http://127.0.0.1:9000");

    expect(events).toEqual(["Hello", { promptTokens: 3, predictedTokens: 2, tokensPerSecond: 30 }]);
    expect(requests.map(({ url }) => url)).toEqual([
      "http://127.0.0.1:9000/v1/models",
      "http://127.0.0.1:9000/v1/chat/completions",
    ]);
    expect(await requests[1]?.json()).toMatchObject({
      model: "golden",
      max_tokens: 512,
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
    });
  });

  it("signs requests to a function URL, the token of temporary credentials included", async () => {
    await ask(functionUrl);

    for (const { headers } of requests) {
      expect(headers.get("authorization")).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/lambda\/aws4_request, SignedHeaders=\S*host;\S*x-amz-security-token\S*, Signature=[0-9a-f]{64}$/,
      );
      expect(headers.get("x-amz-security-token")).toBe("token");
    }
  });

  it("sends a key to a public function URL instead", async () => {
    await ask(functionUrl, "key");

    expect(requests[1]?.headers.get("authorization")).toBe("Bearer key");
  });

  it.each([
    ["breaks off", [hello], "the connection broke before the answer was complete"],
    ["holds an error", [hello, { error: { message: "out of memory" } }], "out of memory"],
  ])("fails when the stream %s", async (_name, events, message) => {
    answered = events;

    await expect(ask("http://127.0.0.1:9000")).rejects.toThrow(message);
  });
});
