import { createHash } from "node:crypto";
import {
  APIConnectionError,
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { AppError, type ErrorKind, errorKinds } from "../../runtime/errors.ts";
import { nodeListener } from "../../runtime/http/node-adapter.ts";
import { errorMeanings } from "../../runtime/openai/error-response.ts";
import { type AppScript, scriptedCore } from "../helpers/http-app.ts";
import { type RunningServer, serve } from "../helpers/http-server.ts";
import { messages, openAiClient } from "./served-golden.ts";

let server: RunningServer;
afterEach(() => server.close());

async function clientOf(script: AppScript, apiKey = "none") {
  server = await serve(nodeListener(scriptedCore(script).app, 120_000));
  return openAiClient(server.url, { apiKey });
}

const request = { model: "golden", messages };

/** The classes that the client makes of statuses. */
const classes: Readonly<Record<number, new (...parts: never[]) => Error>> = {
  400: BadRequestError,
  401: AuthenticationError,
  404: NotFoundError,
  429: RateLimitError,
};
const classOf = (status: number) =>
  classes[status] ?? (status >= 500 ? InternalServerError : APIError);

/** Every kind that can reach a caller. */
const kinds: readonly ErrorKind[] = errorKinds.filter((kind) => errorMeanings[kind].status !== 0);

describe("OpenAI's client", () => {
  it.each(kinds)("tells %s by its own class, whole and streamed", async (kind) => {
    const client = await clientOf({ pieces: [], error: new AppError(kind, "why") });
    const { status, type, code = kind } = errorMeanings[kind];

    const whole = client.chat.completions.create(request);
    const streamed = client.chat.completions.create({ ...request, stream: true });

    for (const refused of [whole, streamed]) {
      const error = await refused.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(classOf(status));
      expect(error).toMatchObject({ status, type, code, requestID: expect.any(String) });
    }
  });

  it("raises an error that comes in the middle of a stream, behind what there was", async () => {
    const error = new AppError("engine-failed", "why");
    const client = await clientOf({ pieces: ["one ", "two"], error });
    const stream = await client.chat.completions.create({ ...request, stream: true });

    let text = "";
    const read = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    })();

    await expect(read).rejects.toMatchObject({ code: "engine-failed", type: "server_error" });
    expect(text).toBe("one two");
  });

  it("is let in with the key, and not without", async () => {
    const apiKeySha256 = createHash("sha256").update("right").digest("hex");
    const right = await clientOf({ apiKeySha256, pieces: ["one"] }, "right");
    const wrong = openAiClient(server.url, { apiKey: "wrong" });

    const answer = await right.chat.completions.create(request);

    expect(answer.choices[0]?.message.content).toBe("one");
    await expect(wrong.chat.completions.create(request)).rejects.toThrow(AuthenticationError);
  });

  it("tries again by itself where that may help", async () => {
    let asked = 0;
    server = await serve(
      nodeListener(async (incoming, call) => {
        asked++;
        const error = new AppError("engine-loading", "a moment");
        return scriptedCore(asked < 2 ? { pieces: [], error } : {}).app(incoming, call);
      }, 120_000),
    );
    const client = openAiClient(server.url, { maxRetries: 1 });

    await client.chat.completions.create(request);

    expect(asked).toBe(2);
  });

  it("cannot take a server that is not there for an answer", async () => {
    const client = await clientOf({});
    await server.close();
    server = await serve((_, response) => response.end());

    await expect(client.chat.completions.create(request)).rejects.toThrow(APIConnectionError);
  });
});
