import { Writable } from "node:stream";
import { invokeDirectly } from "../../../../runtime/direct/invocation.ts";
import { createApp } from "../../../../runtime/http/app.ts";
import {
  type AwsLambda,
  lambdaHandler,
  type ResponseHead,
} from "../../../../runtime/http/lambda-handler.ts";
import { type ServiceScript, scriptedService } from "../../../helpers/fakes/scripted-service.ts";
import { chatBody } from "../../../helpers/http-app.ts";
import { urlEvent } from "../../../helpers/url-event.ts";

/** A stream that takes little at once and remembers what it was sent. */
function slowStream(onWrite = () => {}) {
  const pieces: string[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      pieces.push(chunk.toString());
      onWrite();
      setImmediate(done);
    },
  });
  return { stream, pieces };
}

type Answer = Readonly<{ statusCode: number; body: string; headers?: object }>;
type Handler = (event: unknown, ...rest: unknown[]) => Promise<Answer>;

/** A handler in one invoke mode, on a scripted engine, with what Lambda gives it, or something else. */
function handlerOf(
  urlInvokeMode: "RESPONSE_STREAM" | "BUFFERED",
  script: ServiceScript = {},
  given: object = {},
) {
  const service = scriptedService(script);
  const heads: ResponseHead[] = [];
  const awslambda: AwsLambda = {
    streamifyResponse: (handler) => handler,
    HttpResponseStream: {
      from(stream, head) {
        heads.push(head);
        return stream;
      },
    },
  };
  const handler = lambdaHandler({
    config: { urlInvokeMode },
    app: createApp({ config: { apiKeySha256: undefined, corsOrigins: [] }, service }),
    invokeDirectly: (event, invocation) =>
      invokeDirectly({ config: { apiKeySha256: undefined }, service }, event, invocation),
    awslambda,
    ...given,
  }) as Handler;
  return { handler, heads };
}

const context = { awsRequestId: "id-1", getRemainingTimeInMillis: () => 120_000 };

/** A function URL's event with a JSON body, in base64. */
function eventOf(method: string, path: string, body?: object) {
  const bytes = body && { body: Buffer.from(JSON.stringify(body)) };
  return urlEvent({ method, path: `${path}?a=b`, ...bytes }, "base64");
}

describe("the Lambda handler, streaming", () => {
  const invoke = async (event: unknown, script: ServiceScript = {}) => {
    const { handler, heads } = handlerOf("RESPONSE_STREAM", script);
    const { stream, pieces } = slowStream();
    await handler(event, stream, context);
    return { heads, pieces, text: pieces.join(""), isEnded: stream.writableFinished };
  };

  it("streams a function URL's answer piece by piece behind status and headers", async () => {
    const event = eventOf("POST", "/v1/chat/completions", { ...chatBody, stream: true });

    const { heads, pieces, isEnded } = await invoke(event, { pieces: ["one ", "two"] });

    expect(heads).toMatchObject([
      { statusCode: 200, headers: { "content-type": "text/event-stream; charset=utf-8" } },
    ]);
    expect(pieces.filter((piece) => piece.startsWith("data: "))).toHaveLength(5);
    expect(pieces.at(-1)).toBe("data: [DONE]\n\n");
    expect(isEnded).toBe(true);
  });

  it("lets the next invocation come while the resident engine runs", async () => {
    const { handler } = handlerOf("RESPONSE_STREAM");
    const asked = { ...context, callbackWaitsForEmptyEventLoop: true };

    await handler({ prompt: "Hi" }, slowStream().stream, asked);

    expect(asked.callbackWaitsForEmptyEventLoop).toBe(false);
  });

  it("writes something even for an answer without a body, or its headers would not leave", async () => {
    const { heads, pieces, isEnded } = await invoke(eventOf("HEAD", "/v1/models"));

    expect(heads).toMatchObject([{ statusCode: 200 }]);
    expect(pieces).toEqual([""]);
    expect(isEnded).toBe(true);
  });

  it("answers a direct invocation as JSON, without anything in front", async () => {
    const { heads, text, isEnded } = await invoke({ prompt: "Hi" }, { pieces: ["one"] });

    expect(heads).toEqual([]);
    expect(JSON.parse(text).statusCode).toBe(200);
    expect(JSON.parse(JSON.parse(text).body).content).toBe("one");
    expect(isEnded).toBe(true);
  });

  it("stops the engine when the stream is closed under it", async () => {
    const onStop = jest.fn();
    const { handler } = handlerOf("RESPONSE_STREAM", { pieces: ["one"], isEndless: true, onStop });
    const { stream } = slowStream(() => setTimeout(() => stream.destroy(), 10));
    const event = eventOf("POST", "/v1/chat/completions", { ...chatBody, stream: true });

    await handler(event, stream, context);

    expect(onStop).toHaveBeenCalled();
  });
});

describe("the Lambda handler, buffered", () => {
  const invoke = (event: unknown, script: ServiceScript = {}) =>
    handlerOf("BUFFERED", script).handler(event, context);

  it("returns a function URL's answer whole, a stream too", async () => {
    const event = eventOf("POST", "/v1/chat/completions", { ...chatBody, stream: true });

    const { statusCode, headers, body } = await invoke(event, { pieces: ["one"] });

    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ "content-type": "text/event-stream; charset=utf-8" });
    expect(body).toMatch(/^data: .*data: \[DONE\]\n\n$/s);
  });

  it.each([
    ["a header that is no Latin-1", { headers: { "x-name": "ü€😀", authorization: "Bearer k" } }],
    ["a header whose name is none", { headers: { "no name": "x" } }],
    ["a host that is none", { headers: { host: "a b" } }],
    ["a host with a password", { headers: { host: "a:b@c" } }],
    ["a path that is no route", { rawPath: "/nope" }, 404],
    ["a path like another host", { rawPath: "//a:b@c/completion" }, 404],
    ["a path that is no text", { rawPath: "/%E0%A4%A/\u0000 ü" }, 404],
    ["a method that is none", { requestContext: { http: { method: "NO METHOD" } } }],
    ["a method that is not to be sent", { requestContext: { http: { method: "TRACE" } } }],
  ])("answers an event with %s", async (_name, oddity, status = 200) => {
    const event = { ...eventOf("POST", "/completion", { prompt: "Hi" }), ...oddity };

    expect(await invoke(event, { pieces: ["one"] })).toMatchObject({ statusCode: status });
  });

  it("answers a direct invocation", async () => {
    const { statusCode, body } = await invoke({ prompt: "Hi" }, { pieces: ["one"] });

    expect(statusCode).toBe(200);
    expect(JSON.parse(body).content).toBe("one");
  });
});

describe("the Lambda handler", () => {
  // The AWS SDK leaves an empty one.
  it.each([undefined, {}])(
    "answers a direct invocation outside Lambda, where awslambda is %j",
    async (awslambda) => {
      const { handler } = handlerOf("RESPONSE_STREAM", {}, { awslambda });

      expect(await handler({ prompt: "a" }, context)).toMatchObject({ statusCode: 200 });
    },
  );

  it("tells the first request of each copy that it is restored", async () => {
    const copies = [1, 2].map(
      () => handlerOf("BUFFERED", { initializationType: "snap-start" }).handler,
    );
    const ask = async (handler: Handler) => {
      const { restored, cold_start } = JSON.parse((await handler({ prompt: "Hi" }, context)).body);
      return [restored, cold_start];
    };

    const [first, second] = [
      await Promise.all(copies.map(ask)),
      await Promise.all(copies.map(ask)),
    ];

    expect(first).toEqual(Array(2).fill([true, true]));
    expect(second).toEqual(Array(2).fill([false, false]));
  });
});
