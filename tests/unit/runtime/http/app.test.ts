import { createHash } from "node:crypto";
import { AppError } from "../../../../runtime/errors.ts";
import {
  type AppScript,
  chatBody,
  completionBody,
  jsonOf,
  scriptedApp,
} from "../../../helpers/http-app.ts";

const generating = [
  ["/v1/chat/completions", chatBody],
  ["/v1/completions", completionBody],
  ["/completion", completionBody],
  ["/", completionBody],
] as const;

describe("the routes", () => {
  it("answer a chat in OpenAI's shape", async () => {
    const { post } = scriptedApp({ pieces: ["one ", "two"] });

    const response = await post("/v1/chat/completions", chatBody);

    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBe("id-1");
    expect(await jsonOf(response)).toEqual({
      id: "chatcmpl-id-1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "golden",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "one two", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 30, completion_tokens: 2, total_tokens: 32 },
      bitnet: {
        finish_reason: "stop",
        seed: 7,
        timings: {
          load_ms: null,
          prompt_ms: null,
          predicted_ms: null,
          first_token_ms: null,
          total_ms: 0,
          prompt_per_second: null,
          predicted_per_second: null,
        },
        cold_start: true,
        restored: false,
      },
    });
  });

  it("answer a completion in OpenAI's shape", async () => {
    const { post } = scriptedApp({ pieces: ["one"], finishReason: "length" });

    const answer = await jsonOf(post("/v1/completions", completionBody));

    expect(answer).toMatchObject({
      id: "cmpl-id-1",
      object: "text_completion",
      choices: [{ index: 0, text: "one", logprobs: null, finish_reason: "length" }],
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    });
  });

  it.each(["/completion", "/"])("answer the direct contract at %s", async (path) => {
    const { post } = scriptedApp({ pieces: ["one"] });

    const answer = await jsonOf(post(path, completionBody));

    expect(answer).toMatchObject({ content: "one", finish_reason: "stop", tokens_predicted: 1 });
  });

  it.each<[string, string, string, AppScript, object]>([
    ["length", "length", "one!", { finishReason: "length" }, {}],
    ["stop_sequence", "stop", "one", {}, { stop: "!" }],
    ["deadline", "length", "one!", { isEndless: true, remainingMs: () => 60_050 }, {}],
  ])("tell OpenAI's clients of %s as %s, with what there was by then", async (...row) => {
    const [finishReason, expected, content, script, fields] = row;
    const { post } = scriptedApp({ pieces: ["one!"], ...script });

    const answer = await jsonOf(post("/v1/chat/completions", { ...chatBody, ...fields }));

    expect(answer.choices[0]).toMatchObject({
      message: { content },
      finish_reason: expected,
    });
    expect(answer.bitnet.finish_reason).toBe(finishReason);
  });

  it("put the configured system prompt in front, but not before another", async () => {
    const prompts: string[] = [];
    const { post } = scriptedApp({
      systemPrompt: "Be brief.",
      onRequest: ({ prompt }) => prompts.push(prompt),
    });
    const own = { messages: [{ role: "developer", content: "Be long." }, ...chatBody.messages] };

    await post("/v1/chat/completions", chatBody);
    await post("/v1/chat/completions", own);
    await post("/completion", chatBody);
    await post("/completion", { prompt: "raw" });

    expect(prompts).toEqual([
      "System: Be brief.<|eot_id|>User: Hi<|eot_id|>Assistant: ",
      "System: Be long.<|eot_id|>User: Hi<|eot_id|>Assistant: ",
      "System: Be brief.<|eot_id|>User: Hi<|eot_id|>Assistant: ",
      "raw",
    ]);
  });

  it("tell that the engine is well, or why not", async () => {
    const obstacle = new AppError("engine-loading", "the model is being loaded");

    const well = await scriptedApp().get("/health");
    const loading = await scriptedApp({ obstacle }).get("/health");

    expect([well.status, await jsonOf(well)]).toEqual([200, { status: "ok" }]);
    expect(loading.status).toBe(503);
    expect(await jsonOf(loading)).toMatchObject({
      error: { type: "unavailable_error", message: "the model is being loaded" },
    });
  });

  it("do not know GET /nope, and say what there is", async () => {
    const response = await scriptedApp().fetch("GET", "/nope");

    expect(response.status).toBe(404);
    expect((await jsonOf(response)).error.message).toContain("there are GET /health, ");
  });

  it.each([
    ["GET", "/completion", "POST"],
    ["POST", "/health", "GET"],
    ["DELETE", "/v1/models/golden", "GET"],
    ["GET", "/chat/completions", "POST"],
  ])("take no %s at %s, and name %s", async (method, path, allow) => {
    const response = await scriptedApp().fetch(method, path);

    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect((await jsonOf(response)).error.message).toBe(`this route takes ${allow}`);
  });

  it.each([
    "/chat/completions",
    "//v1/chat/completions",
    "/v1//chat/completions/",
    "/v1/chat/completions/",
  ])("answer at %s as at /v1/chat/completions", async (path) => {
    const response = await scriptedApp({ pieces: ["Hi"] }).post(path, chatBody);

    expect(response.status).toBe(200);
    expect((await jsonOf(response)).object).toBe("chat.completion");
  });

  it.each(["/models", "/v1//models/", "/v1/models/"])("list the model at %s", async (path) => {
    const response = await scriptedApp().get(path);

    expect((await jsonOf(response)).data).toMatchObject([
      { id: "golden", owned_by: "bitnet-lambda" },
    ]);
  });
});

describe("errors", () => {
  it.each(generating)("list every problem of a request to %s", async (path) => {
    const { post } = scriptedApp();

    const response = await post(path, { temperature: 9, top_q: 1 });

    const { problems, param } = (await jsonOf(response)).error;
    expect(response.status).toBe(400);
    expect(problems.map((problem: { path: string }) => problem.path)).toEqual(
      expect.arrayContaining(["temperature", "top_q"]),
    );
    expect(param).toBe(problems[0].path);
  });

  it.each([
    ["no JSON", "{nope", "body: is not valid JSON"],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), "body: is not UTF-8"],
    ["half a character at the end", Buffer.from([0x22, 0xf0, 0x9f]), "body: is not UTF-8"],
    ["nested without measure", "[".repeat(100_000), "body: is not valid JSON"],
    ["nested deeper than anybody needs", "[".repeat(300) + "]".repeat(300), "body: is nested"],
  ])("tell a body that is %s", async (_name, body, message) => {
    const response = await scriptedApp().post("/completion", body);

    expect(response.status).toBe(400);
    expect((await jsonOf(response)).error.message).toContain(message);
  });

  it("refuse a body whose length is told to be too long", async () => {
    const response = await scriptedApp().post("/completion", "{}", { "content-length": "9000000" });

    expect(response.status).toBe(413);
  });

  it("are logged without anything the caller wrote", async () => {
    const { fetch, post, lines } = scriptedApp({ pieces: ["answer"] });

    await post("/v1/chat/completions", { messages: [{ role: "user", content: "secret" }] });
    await post("/v1/chat/completions", { secret: 1, prompt: "secret" });
    await post("/secret", {});
    await fetch("SECRET", "/");

    expect(lines).toHaveLength(4);
    expect(JSON.stringify(lines)).not.toMatch(/secret|answer"/i);
  });
});

describe("an API key", () => {
  const key = "open sesame";
  const apiKeySha256 = createHash("sha256").update(key).digest("hex");
  const none = "no API key was sent; send it as `Authorization: Bearer KEY` or `x-api-key: KEY`";
  const wrong = "the API key that was sent is not the one of this function";

  it.each([
    [{ authorization: `Bearer ${key}` }],
    [{ Authorization: `bearer ${key}` }],
    [{ "x-api-key": key }],
    // Beside AWS's signature.
    [{ authorization: "AWS4-HMAC-SHA256 x", "x-api-key": key }],
  ])("is taken as %j", async (headers) => {
    const { get, post } = scriptedApp({ apiKeySha256 });

    expect((await get("/v1/models", headers)).status).toBe(200);
    expect((await post("/v1/chat/completions", chatBody, headers)).status).toBe(200);
    expect((await post("/completion", completionBody, headers)).status).toBe(200);
  });

  it.each([
    [{}, none],
    [{ authorization: "Bearer   " }, none],
    [{ authorization: key }, none],
    // In no longer a time.
    [{ authorization: `Bearer${" ".repeat(200_000)}x` }, wrong],
    [{ "x-api-key": "open" }, wrong],
    [{ authorization: "Bearer open" }, wrong],
    [{ authorization: `Bearer ${apiKeySha256}` }, wrong],
  ])("is refused with %.80j: %s", async (headers, message) => {
    const { get, post } = scriptedApp({ apiKeySha256 });

    const response = await get("/v1/models", headers);

    expect(response.status).toBe(401);
    expect((await jsonOf(response)).error.message).toBe(message);
    expect((await post("/completion", completionBody, headers)).status).toBe(401);
  });

  it("is not asked for at /health", async () => {
    expect((await scriptedApp({ apiKeySha256 }).get("/health")).status).toBe(200);
  });
});

describe("CORS", () => {
  const corsOrigins = ["https://a.example"];
  const allowed = (response: Response) => response.headers.get("access-control-allow-origin");
  const preflight = { "access-control-request-method": "POST" };

  it("lets in pages of the listed origins, errors included", async () => {
    const { fetch, get } = scriptedApp({ corsOrigins });
    const origin = "https://a.example";

    // As OpenAI's client in a browser asks.
    const asked = await fetch("OPTIONS", "/v1/models", undefined, {
      ...preflight,
      origin,
      "access-control-request-headers": "content-type,x-stainless-lang",
    });
    const answered = await get("/v1/models", { origin });
    const failed = await get("/nope", { origin });

    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-methods")).toBe("GET,POST");
    expect(asked.headers.get("access-control-allow-headers")).toBe("content-type,x-stainless-lang");
    expect([asked, answered, failed].map(allowed)).toEqual([origin, origin, origin]);
    expect(answered.headers.get("access-control-expose-headers")).toBe("x-request-id,retry-after");
  });

  it.each([[corsOrigins], [[]]])("lets in no other page with the list %j", async (list) => {
    const { fetch, get } = scriptedApp({ corsOrigins: list });
    const origin = "https://b.example";

    const asked = await fetch("OPTIONS", "/v1/models", undefined, { ...preflight, origin });
    const answered = await get("/v1/models", { origin });

    expect([asked, answered].map(allowed)).toEqual([null, null]);
  });
});
