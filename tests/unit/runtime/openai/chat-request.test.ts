import { parseChatRequest } from "../../../../runtime/openai/chat-request.ts";
import { openAiContext, problemsOf } from "../../../helpers/openai-problems.ts";

const messages = [{ role: "user", content: "Hi" }];

function parse(fields: object) {
  return parseChatRequest({ messages, ...fields }, openAiContext);
}

const problems = (fields: object) => problemsOf(() => parse(fields));

describe("a chat request", () => {
  it("has the direct contract's defaults, and room for a whole answer", () => {
    expect(parse({})).toEqual({
      request: {
        prompt: "User: Hi<|eot_id|>Assistant: ",
        settings: {
          n_predict: 1024,
          temperature: 0.7,
          top_p: 0.9,
          top_k: 40,
          min_p: 0.05,
          repeat_penalty: 1.1,
          frequency_penalty: 0,
          presence_penalty: 0,
          seed: 7,
          stop: [],
          grammar: "",
        },
      },
      isStreamed: false,
      choices: 1,
      hasUsageChunk: false,
      hasRunningUsage: false,
      mayCallTools: false,
    });
  });

  const sampling = {
    temperature: 1.5,
    top_p: 0.25,
    top_k: 3,
    min_p: 0.5,
    repeat_penalty: 1.5,
    frequency_penalty: 0.5,
    presence_penalty: -1.5,
    seed: 3,
    stop: ["x", "y"],
    grammar: 'root ::= "a"',
  };

  it.each<[object, object]>([
    [{ max_tokens: 5 }, { n_predict: 5 }],
    [{ max_completion_tokens: 5 }, { n_predict: 5 }],
    // Agents ask for more than the openAiContext, whatever the model.
    [{ max_tokens: 8192 }, { n_predict: 4096 }],
    [{ stop: "" }, { stop: [] }],
    [{ cache_prompt: true }, {}],
    [sampling, sampling],
    [{ stop: "x" }, { stop: ["x"] }],
    [{ response_format: { type: "text" } }, { grammar: "" }],
    [
      { temperature: null, stop: null, seed: null, max_tokens: null },
      { temperature: 0.7, stop: [] },
    ],
  ])("takes %j", (fields, settings) => {
    expect(parse(fields).request.settings).toMatchObject(settings);
  });

  it.each([
    ["json_object", { type: "json_object" }, /^root ::= any-object/],
    [
      "json_object with one",
      { type: "json_object", schema: { type: "boolean" } },
      /^root ::= bool/,
    ],
    [
      "json_schema",
      { type: "json_schema", json_schema: { name: "x", strict: true, schema: { type: "null" } } },
      /^root ::= null/,
    ],
  ])("turns the format %s into a grammar", (_name, response_format, grammar) => {
    expect(parse({ response_format }).request.settings.grammar).toMatch(grammar);
  });

  it("reads whether and how to stream", () => {
    const stream_options = { include_usage: true };

    expect(parse({ stream: true })).toMatchObject({ isStreamed: true, hasUsageChunk: false });
    expect(parse({ stream: true, stream_options })).toMatchObject({ hasUsageChunk: true });
  });

  const text = (part: string) => ({ type: "text", text: part });

  it.each([
    ["text parts", { role: "user", content: [text("a"), text("b")] }, "User: ab"],
    ["a developer", { role: "developer", content: "a" }, "System: a"],
    ["a name", { role: "user", name: "Ann", content: "a" }, "User: a"],
    [
      "an answer of ours",
      { role: "assistant", content: "a", refusal: null, annotations: [], tool_calls: [] },
      "Assistant: a",
    ],
  ])("understands a message with %s", (_name, sent, expected) => {
    const { prompt } = parse({ messages: [sent] }).request;

    expect(prompt).toBe(`${expected}<|eot_id|>Assistant: `);
  });

  it.each([
    [{ n: 1, logprobs: false, logit_bias: {} }],
    [{ tools: [], tool_choice: "auto", functions: [], parallel_tool_calls: true }],
    [{ user: "u", metadata: { a: "b" }, store: false, service_tier: "auto" }],
    [{ modalities: ["text"], reasoning_effort: "none", n: null, tools: null }],
    [{ model: "golden" }],
  ])("passes over what asks for nothing: %j", (fields) => {
    expect(problems(fields)).toEqual([]);
  });

  it.each([
    [{ presence_penalty: 2.5 }, "presence_penalty: must be a number from -2 to 2; got number 2.5"],
    [{ n: 9 }, "n: must be a whole number from 1 to 8; got number 9"],
    [{ top_logprobs: 3 }, "top_logprobs: needs `logprobs: true`"],
    [
      { logprobs: true, top_logprobs: 21 },
      "top_logprobs: must be a whole number from 0 to 20; got number 21",
    ],
    [{ logit_bias: { 5: 101 } }, "logit_bias.5: must be at most 100; got number 101"],
    [
      { logit_bias: { hello: 1 } },
      "logit_bias.hello: must be the id of a token, a whole number from 0 to 128255",
    ],
    [
      { ignore_eos: true, response_format: { type: "json_object" } },
      "ignore_eos: cannot be sent together with a grammar or a JSON schema, at whose end it ends",
    ],
    [
      { stream: true, stream_options: { continuous_usage_stats: true } },
      "stream_options.continuous_usage_stats: needs `include_usage: true`",
    ],
    [{ audio: {} }, "audio: is not supported here; leave it out"],
    [{ top_q: 1 }, "top_q: is not a known field: did you mean `top_p`?"],
    [{ n_predict: 1 }, "n_predict: is not a known field: did you mean `max_tokens`?"],
    [{ constructor: 1 }, "constructor: is not a known field"],
    [{ max_tokens: 0 }, "max_tokens: must be a whole number from 1 to 2147483647; got number 0"],
    [
      { max_completion_tokens: 2 ** 31 },
      "max_completion_tokens: must be a whole number from 1 to 2147483647; got number 2147483648",
    ],
    [
      { max_tokens: 1, max_completion_tokens: 1 },
      "max_tokens: cannot be sent together with `max_completion_tokens`; send one of them",
    ],
    [{ stop: ["1", "2", "3", "4", "5"] }, "stop: must have at most 4 items"],
    [
      { json_schema: { type: "object" }, response_format: { type: "json_object" } },
      "json_schema: cannot be sent together with `response_format`; send one of them",
    ],
    [{ stream: "yes" }, "stream: must be a boolean; got a string"],
    [{ stream_options: { include_usage: true } }, "stream_options: needs `stream: true`"],
    [{ messages: [] }, "messages: must not be empty"],
    [{ messages: undefined }, "messages: is missing; must be an array"],
    [
      { messages: [{ role: "function", content: "x" }] },
      'messages[0].role: must be one of "system", "user", "assistant", "tool"; got a string',
    ],
    [
      { messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      'messages[0].content[0]: must be a text part: {"type":"text","text":"…"}',
    ],
    [
      { messages: [{ role: { toString: 1 }, content: "x" }] },
      'messages[0].role: must be one of "system", "user", "assistant", "tool"; got an object',
    ],
    [{ modalities: ["text", "audio"] }, "modalities: is not supported here; leave it out"],
    [
      { messages: [{ role: "user", content: "x".repeat(262_145) }] },
      "messages: must be at most 262144 bytes of UTF-8; got 262145",
    ],
    [
      { response_format: { type: "json_schema" } },
      "response_format.json_schema.schema: is missing; send the JSON schema",
    ],
    [
      { response_format: { type: "xml" } },
      'response_format.type: must be one of "text", "json_object", "json_schema"; got a string',
    ],
    [
      { response_format: { type: "json_object" }, grammar: 'root ::= "a"' },
      "grammar: cannot be sent together with `response_format`; send one of them",
    ],
  ])("refuses %j", (fields, expected) => {
    expect(problems(fields)).toEqual([expected]);
  });

  it("does not serve another model", () => {
    expect(() => parse({ model: "gpt-4o" })).toThrow(
      expect.objectContaining({ kind: "model-unknown" }),
    );
  });

  it.each([[null], [[]], ["text"], [7]])("refuses %j as a whole", (input) => {
    expect(() => parseChatRequest(input, openAiContext)).toThrow(
      expect.objectContaining({ kind: "request-invalid" }),
    );
  });
});
