import {
  APIConnectionError,
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { AppError, errorKinds } from "../../runtime/errors.ts";
import { nodeListener } from "../../runtime/http/node-adapter.ts";
import type { Line } from "../helpers/fakes/scripted-service.ts";
import { type AppScript, scriptedCore } from "../helpers/http-app.ts";
import { type RunningServer, serve } from "../helpers/http-server.ts";
import { messages, openAiClient } from "./served-golden.ts";

let server: RunningServer;

async function clientOf(script: AppScript) {
  server = await serve(nodeListener(scriptedCore(script).app, 120_000));
  return openAiClient(server.url);
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

/** Every kind that can reach a caller, and what the caller gets. */
const meanings = [
  ["request-invalid", 400, "invalid_request_error", { isPublic: true }],
  [
    "context-exceeded",
    400,
    "invalid_request_error",
    { isPublic: true, code: "context_length_exceeded" },
  ],
  ["unauthorized", 401, "authentication_error", { isPublic: true }],
  ["host-refused", 403, "permission_error", { isPublic: true }],
  ["route-unknown", 404, "not_found_error", { isPublic: true }],
  ["method-not-allowed", 405, "invalid_request_error", { isPublic: true }],
  ["model-unknown", 404, "not_found_error", { isPublic: true }],
  ["payload-too-large", 413, "invalid_request_error", { isPublic: true }],
  ["engine-busy", 429, "unavailable_error", { isPublic: true, retryAfter: "5", level: "info" }],
  ["engine-loading", 503, "unavailable_error", { isPublic: true, retryAfter: "1", level: "info" }],
  ["engine-missing", 503, "unavailable_error", {}],
  ["model-missing", 503, "unavailable_error", {}],
  ["model-invalid", 503, "unavailable_error", {}],
  ["engine-unavailable", 503, "unavailable_error", {}],
  ["engine-killed", 503, "unavailable_error", {}],
  ["engine-silent", 500, "server_error", {}],
  ["engine-failed", 500, "server_error", {}],
  ["deadline-exceeded", 504, "server_error", { isPublic: true }],
  ["config-invalid", 500, "server_error", {}],
] as const satisfies readonly (readonly [string, number, string, Extras])[];

interface Extras {
  readonly isPublic?: boolean;
  readonly code?: string;
  readonly retryAfter?: string;
  readonly level?: string;
}

it("the table of errors has every kind but that of a caller who has left", () => {
  const kinds = meanings.map(([kind]) => kind);

  expect([...kinds, "client-aborted"].toSorted()).toEqual(errorKinds.toSorted());
});

describe("OpenAI's client", () => {
  afterEach(() => server.close());

  it.each(meanings)(
    "tells %s by its own class, whole and streamed, and logs it",
    async (...row) => {
      const [kind, status, type, extras] = row;
      const { isPublic = false, code = kind, retryAfter, level = "error" }: Extras = extras;
      const lines: Line[] = [];
      const onLine = (line: Line) => lines.push(line);
      const client = await clientOf({ pieces: [], error: new AppError(kind, "so and so"), onLine });

      const whole = client.chat.completions.create(request);
      const streamed = client.chat.completions.create({ ...request, stream: true });

      for (const refused of [whole, streamed]) {
        const error = await refused.catch((thrown: unknown) => thrown as APIError);
        expect(error).toBeInstanceOf(classOf(status));
        expect(error).toMatchObject({
          ...{ status, type, code, param: null, requestID: expect.any(String) },
          error: { request_id: expect.any(String) },
        });
        expect(`${error}`.includes("so and so")).toBe(isPublic);
        expect((error as APIError).headers?.get("retry-after")).toBe(retryAfter ?? null);
      }
      const logged = { level, event: "request_failed", fields: { kind, status } };
      expect(lines).toMatchObject([logged, logged]);
    },
  );

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
