import { createHash } from "node:crypto";
import { invokeDirectly } from "../../../../runtime/direct/invocation.ts";
import { AppError } from "../../../../runtime/errors.ts";
import type { Script } from "../../../helpers/fakes/scripted-engine.ts";
import { type Line, scriptedService } from "../../../helpers/fakes/scripted-service.ts";
import { requestOf } from "../../../helpers/requests.ts";

/** A handler on a scripted engine, and what it logs. */
function handlerOf(script: Script = {}, remainingMs = 120_000, apiKeySha256?: string) {
  const lines: Line[] = [];
  const service = scriptedService({ ...script, onLine: (line) => lines.push(line) });
  const dependencies = { config: { apiKeySha256 }, service };
  const context = { awsRequestId: "id-1", getRemainingTimeInMillis: () => remainingMs };
  return { lines, invoke: (event: unknown) => invokeDirectly(dependencies, event, context) };
}

describe("a direct invocation", () => {
  it("answers in the documented shape", async () => {
    const { invoke } = handlerOf({ pieces: ["one ", "two"] });

    const { statusCode, body } = await invoke({ prompt: "Hi", temperature: 0, n_predict: 8 });

    expect(statusCode).toBe(200);
    const { settings } = requestOf("Hi", { temperature: 0, n_predict: 8, seed: 7 });
    const none = {
      load_ms: null,
      prompt_ms: null,
      predicted_ms: null,
      first_token_ms: null,
      prompt_per_second: null,
      predicted_per_second: null,
    };
    expect(JSON.parse(body)).toEqual({
      content: "one two",
      model: "golden",
      finish_reason: "stop",
      tokens_evaluated: 3,
      tokens_predicted: 2,
      seed: 7,
      generation_settings: settings,
      timings: { ...none, total_ms: 0 },
      cold_start: true,
      restored: false,
    });
  });

  it.each([
    ["an object", { prompt: "Hé" }],
    ["a JSON string", '{"prompt":"Hé"}'],
    ["a function URL event", { version: "2.0", rawPath: "/", body: '{"prompt":"Hé"}' }],
    ["a base64 body", { body: "eyJwcm9tcHQiOiJIw6kifQ==", isBase64Encoded: true }],
  ])("takes %s", async (_name, event) => {
    const { invoke } = handlerOf();

    expect(JSON.parse((await invoke(event)).body).content).toBe("Hé");
  });

  it.each([
    ["no JSON", '{"prompt":', "event"],
    ["an empty string", "", "event"],
    ["a body that is no JSON", { body: "prompt=Hi" }, "body"],
    ["an HTTP event without a body", { requestContext: {}, rawPath: "/" }, "body"],
    ["a body that is no UTF-8", { body: "/w==", isBase64Encoded: true }, "body"],
    ["what is nested without measure", JSON.parse("[".repeat(1000) + "]".repeat(1000)), "event"],
    [
      "a body nested without measure",
      { body: `{"messages":${'[{"content":'.repeat(5000)}1${"}]".repeat(5000)}}` },
      "body",
    ],
    ["null", null, "request"],
    ["an unknown field", { prompt: "Hi", temprature: 1 }, "temprature"],
  ])("refuses %s with 400 and the path", async (_name, event, path) => {
    const { invoke, lines } = handlerOf();

    const { statusCode, body } = await invoke(event);

    expect(statusCode).toBe(400);
    expect(JSON.parse(body).error).toMatchObject({
      type: "invalid_request_error",
      code: "request-invalid",
      request_id: "id-1",
      problems: [{ path }],
    });
    expect(lines).toMatchObject([{ level: "error", fields: { status: 400, problems: 1 } }]);
  });

  it("is a cold start once, even when the first request is bad", async () => {
    const { invoke } = handlerOf();

    await invoke("bad");
    const second = await invoke({ prompt: "Hi" });

    expect(JSON.parse(second.body).cold_start).toBe(false);
  });

  it.each([
    ["the text so far", ["one "], 200, { content: "one ", finish_reason: "deadline" }],
    ["504 without any", [], 504, { error: { code: "deadline-exceeded" } }],
  ])("keeps a reserve of the remaining time, and answers with %s", async (...row) => {
    const [, pieces, statusCode, expected] = row;
    const { invoke } = handlerOf({ pieces, isEndless: true }, 60_020);

    const answer = await invoke({ prompt: "Hi" });

    expect(answer.statusCode).toBe(statusCode);
    expect(JSON.parse(answer.body)).toMatchObject(expected);
  });

  it("turns what nobody foresaw into a 500", async () => {
    const { invoke } = handlerOf({ error: new TypeError("undefined is not a function") });

    expect(await invoke({ prompt: "Hi" })).toMatchObject({ statusCode: 500 });
  });

  it("keeps the engine's words from the caller and gives them to the log", async () => {
    const error = new AppError("engine-failed", "crashed at /secret/path", {
      exitCode: 1,
      stderrTail: "last words",
    });
    const { invoke, lines } = handlerOf({ error });

    const { statusCode, body } = await invoke({ prompt: "Hi" });

    expect(statusCode).toBe(500);
    expect(body).not.toMatch(/secret|last words/);
    expect(JSON.parse(body).error.request_id).toBe("id-1");
    expect(lines).toMatchObject([
      { fields: { kind: "engine-failed", exit_code: 1, stderr_tail: "last words" } },
    ]);
  });

  it.each([
    ["an HTTP event with the key", { headers: { "X-Api-Key": "sesame" }, body: "{}" }, 400],
    ["an HTTP event without headers", { body: "{}" }, 401],
    ["headers that are none", { headers: "x", body: "{}" }, 401],
    ["a header that is no text", { headers: { authorization: { toString: 1 } } }, 401],
    ["a function URL's event without a body", { requestContext: {}, rawPath: "/" }, 401],
    ["a direct invocation, which IAM has authorized", { prompt: "Hi" }, 200],
  ])("asks only HTTP events for a key: %s", async (_name, event, status) => {
    const keySha256 = createHash("sha256").update("sesame").digest("hex");
    const { invoke } = handlerOf({}, 120_000, keySha256);

    expect(await invoke(event)).toMatchObject({ statusCode: status });
  });
});
