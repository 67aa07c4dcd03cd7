import { AppError } from "../../../../../runtime/errors.ts";
import { jsonOf, scriptedApp } from "../../../../helpers/http-app.ts";

const tools = [{ type: "function", name: "f", parameters: null, strict: true }];

/** The events of a streamed answer, and the whole answer to the same request. */
async function answersTo(pieces: readonly string[], fields = {}, script = {}) {
  const { post, lines } = scriptedApp({ pieces, ...script });
  const body = { input: "Hi", ...fields };
  const stream = await post("/v1/responses", { ...body, stream: true });
  const text = await stream.text();
  const events = text
    .trim()
    .split("\n\n")
    .map((event) => {
      const [name = "", data = ""] = event.split("\n");
      const value = JSON.parse(data.slice("data: ".length));
      expect(name).toBe(`event: ${value.type}`);
      return value;
    });
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
  const whole = await jsonOf(post("/v1/responses", body));
  return { whole, events, last: events.at(-1), lines };
}

/** A response without what differs between two requests. */
function comparable({ bitnet: _, ...response }: { bitnet?: object }) {
  return response;
}

const message = ["output_item.added", "content_part.added"];
const messageEnd = ["output_text.done", "content_part.done", "output_item.done"];
const call = '[{"name": "f", "arguments": {"a": ';

describe("a Responses answer", () => {
  it.each([
    [
      "text",
      ["one ", "two"],
      [...message, "output_text.delta", "output_text.delta", ...messageEnd],
    ],
    ["no text", [], [...message, ...messageEnd]],
    [
      "calls",
      [call, '1}}, {"name": "f", "arguments": {}}]'],
      [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
      ],
    ],
  ])(
    "streams %s in the documented order, to the same end as the whole answer",
    async (_name, pieces, expected) => {
      const { whole, events, last } = await answersTo(pieces, { tools });

      expect(events.map(({ type }) => type)).toEqual(
        ["created", "in_progress", ...expected, "completed"].map((type) => `response.${type}`),
      );
      expect(events[0].response).toMatchObject({ status: "in_progress", output: [], usage: null });
      expect(comparable(last.response)).toEqual(comparable(whole));
      const done = events.filter(({ type }) => type === "response.output_item.done");
      expect(whole.output).toEqual(done.map(({ item }) => item));
    },
  );

  it("has text as a message, its counts, and what was asked", async () => {
    const asked = {
      instructions: "Be brief.",
      max_output_tokens: 9,
      temperature: 0.25,
      metadata: { a: "b" },
    };
    const { whole, events, lines } = await answersTo(["one ", "two"], asked);

    expect(whole).toMatchObject({
      ...asked,
      id: "resp_id-1",
      object: "response",
      created_at: 1_700_000_000,
      model: "golden",
      status: "completed",
      error: null,
      incomplete_details: null,
      store: false,
      previous_response_id: null,
      text: { format: { type: "text" } },
      tools: [],
      tool_choice: "auto",
      output: [
        {
          id: expect.stringMatching(/^msg_[0-9a-f]{24}$/),
          type: "message",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: "one two", annotations: [], logprobs: [] }],
        },
      ],
      usage: {
        output_tokens: 2,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens_details: { reasoning_tokens: 0 },
      },
      bitnet: { finish_reason: "stop", seed: 7 },
    });
    expect(whole.usage.total_tokens).toBe(whole.usage.input_tokens + 2);
    const deltas = events.filter(({ type }) => type === "response.output_text.delta");
    expect(deltas.map(({ delta }) => delta)).toEqual(["one ", "two"]);
    expect(new Set(events.flatMap(({ item_id, item }) => item_id ?? item?.id ?? []))).toEqual(
      new Set([whole.output[0].id]),
    );
    expect(JSON.stringify(lines)).not.toMatch(/brief|one|two/);
  });

  it("has each call as an item with an id of its own", async () => {
    const pieces = [call, '1}}, {"name": "f", "arguments": {}}]'];
    const { whole } = await answersTo(pieces, { tools, tool_choice: "required" });

    const item = {
      id: expect.stringMatching(/^fc_/),
      type: "function_call",
      status: "completed",
      call_id: expect.stringMatching(/^call_/),
      name: "f",
    };
    expect(whole.output).toEqual([
      { ...item, arguments: '{"a": 1}' },
      { ...item, arguments: "{}" },
    ]);
    expect(new Set(whole.output.map(({ call_id }: { call_id: string }) => call_id)).size).toBe(2);
    expect(whole).toMatchObject({ tools, tool_choice: "required", status: "completed" });
  });

  it.each([
    ["text", ["one"], ["output_text.delta", ...messageEnd], ["incomplete"]],
    ["a call", [call], ["function_call_arguments.delta"], []],
    [
      "the second call",
      [`${call}1}}, {"name": "f", "argum`],
      ["function_call_arguments.delta", "function_call_arguments.done", "output_item.done"],
      ["completed"],
    ],
  ])(
    "that is cut in %s is incomplete, and has no half call",
    async (_name, pieces, expected, statuses) => {
      const { whole, events, last } = await answersTo(
        pieces,
        { tools },
        { finishReason: "length" },
      );

      expect(events.slice(-1 - expected.length).map(({ type }) => type)).toEqual(
        [...expected, "incomplete"].map((type) => `response.${type}`),
      );
      expect(comparable(last.response)).toEqual(comparable(whole));
      expect(whole).toMatchObject({
        status: "incomplete",
        incomplete_details: { reason: "max_output_tokens" },
        output: statuses.map((status) => ({ status })),
      });
    },
  );

  it("ends as failed when the engine fails in the middle", async () => {
    const { post, lines } = scriptedApp({
      pieces: ["one"],
      error: new AppError("engine-failed", "x"),
    });

    const response = await post("/v1/responses", { input: "Hi", stream: true });

    const data = (await response.text()).trim().split("data: ").at(-1) ?? "";
    expect(response.status).toBe(200);
    expect(JSON.parse(data)).toMatchObject({
      type: "response.failed",
      response: {
        status: "failed",
        error: { code: "server_error", message: expect.stringContaining("engine-failed") },
      },
    });
    expect(lines.map(({ event }) => event)).toEqual(["request_failed"]);
  });

  it("has a status of its own when the engine fails before the first word", async () => {
    const { post } = scriptedApp({ pieces: [], error: new AppError("engine-loading", "x") });

    expect((await post("/v1/responses", { input: "Hi", stream: true })).status).toBe(503);
    expect((await post("/responses", { input: "Hi" })).status).toBe(503);
  });
});
