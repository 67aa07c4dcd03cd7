import { parseResponsesRequest } from "../../../../../runtime/openai/responses/responses-request.ts";
import { openAiContext, problemsOf } from "../../../../helpers/openai-problems.ts";

function parse(fields: object) {
  return parseResponsesRequest({ input: "Hi", ...fields }, openAiContext);
}

const problems = (fields: object) => problemsOf(() => parse(fields));

const tool = { type: "function", name: "f", parameters: null, strict: true };
const call = (id: string) => ({
  type: "function_call",
  call_id: id,
  name: "f",
  arguments: '{"a":1}',
});
const output = (id: string, text: unknown = "ok") => ({
  type: "function_call_output",
  call_id: id,
  output: text,
});
const inputText = (text: string) => ({ type: "input_text", text });

/** A message as it was answered here. */
const ours = {
  ...{ id: "msg_1", type: "message", status: "completed", role: "assistant" },
  content: [
    { type: "output_text", text: "Ho<|eot_id|>", annotations: [], logprobs: [], parsed: null },
  ],
};

describe("a Responses request", () => {
  it.each([
    ["text", "Hi", "User: Hi"],
    ["an item without a type", [{ role: "user", content: "Hi" }], "User: Hi"],
    [
      "parts",
      [
        { type: "message", role: "developer", content: [inputText("Be "), inputText("brief.")] },
        { role: "user", content: "Hi" },
      ],
      "System: Be brief.<|eot_id|>User: Hi",
    ],
    ["an answer of ours", [ours], "Assistant: Ho<| eot_id|>"],
    [
      "calls and their outputs",
      [
        { ...call("a"), id: "fc_1", status: "completed", parsed_arguments: null },
        call("b"),
        output("b", [inputText("two")]),
        output("a"),
        call("a"),
      ],
      [
        'Assistant: [{"name": "f", "arguments": {"a":1}}, {"name": "f", "arguments": {"a":1}}]',
        "User: Result of f: two",
        "User: Result of f: ok",
        'Assistant: [{"name": "f", "arguments": {"a":1}}]',
      ].join("<|eot_id|>"),
    ],
  ])("takes as input %s", (_name, input, expected) => {
    expect(parse({ input }).request.prompt).toBe(`${expected}<|eot_id|>Assistant: `);
  });

  it("puts the instructions and the tools in front", () => {
    expect(parse({ instructions: "Be brief.", tools: [tool] }).request.prompt).toMatch(
      /^System: Be brief\.\n\nYou can call these functions:\n\{"name":"f",.*<\|eot_id\|>User: Hi<\|eot_id\|>Assistant: $/s,
    );
  });

  it.each([
    [{}, { n_predict: 1024, temperature: 0.7, seed: 7, grammar: "" }],
    [
      { max_output_tokens: 5, temperature: 0, top_p: 0.5 },
      { n_predict: 5, top_p: 0.5 },
    ],
    [{ max_output_tokens: 100_000 }, { n_predict: 4096 }],
    [
      { seed: 3, top_k: 2, stop: "x", min_p: 0 },
      { seed: 3, top_k: 2, stop: ["x"], min_p: 0 },
    ],
    [{ grammar: 'root ::= "a"' }, { grammar: 'root ::= "a"' }],
    [{ text: { format: { type: "text" }, verbosity: "medium" } }, { grammar: "" }],
    [
      { text: { format: { type: "json_object" } } },
      { grammar: expect.stringMatching(/^root ::= any-object/) },
    ],
    [
      { text: { format: { type: "json_schema", name: "x", schema: { type: "null" } } } },
      { grammar: expect.stringMatching(/^root ::= null/) },
    ],
    [{ tools: [tool] }, { grammar: expect.stringMatching(/^root ::= tool-calls \| free-text/) }],
    [
      { tools: [tool], tool_choice: { type: "function", name: "f" } },
      { grammar: expect.stringMatching(/^root ::= \("\["/) },
    ],
  ])("takes %j", (fields, settings) => {
    expect(parse(fields).request.settings).toMatchObject(settings);
  });

  it.each([
    [{ store: false, background: false, truncation: "disabled", user: "u", stream: null }],
    [{ include: ["reasoning.encrypted_content"], reasoning: { effort: "none", summary: null } }],
    [{ previous_response_id: null, metadata: { a: "b" }, prompt_cache_key: "k", reasoning: {} }],
    [{ model: "golden", tools: [], tool_choice: "auto", parallel_tool_calls: false }],
  ])("passes over what asks for nothing: %j", (fields) => {
    expect(problems(fields)).toEqual([]);
  });

  const stateless =
    "is not possible: nothing is kept between requests; send the whole conversation as `input`";
  it.each([
    [{ store: true }, `store: ${stateless}, and \`store: false\``],
    [{ previous_response_id: "resp_1" }, `previous_response_id: ${stateless}`],
    [{ conversation: "conv_1" }, `conversation: ${stateless}`],
    [
      { background: true },
      "background: is not possible: an answer comes in the response to its request; leave it out",
    ],
    [
      { include: ["web_search_call.results"] },
      "include: can hold `reasoning.encrypted_content` only, which this model has none of; leave it out",
    ],
    [
      { reasoning: { effort: "high" } },
      "reasoning: is not supported: this model does not reason apart from its answer; leave it out",
    ],
    [
      { truncation: "auto" },
      'truncation: must be "disabled": nothing is cut out of a conversation here',
    ],
    [
      { prompt: { id: "p" } },
      "prompt: is not supported: no prompts are stored here; send `instructions` and `input`",
    ],
    [
      { tools: [tool, { type: "web_search" }] },
      'tools[1].type: must be "function": tools that run at OpenAI are not here',
    ],
    [
      {
        tools: [{ ...tool, parameters: { type: "object", properties: { a: { format: "uri" } } } }],
      },
      "tools[0].parameters.properties.a.format: can be enforced for date, time, date-time, uuid only",
    ],
    [
      { tools: [tool, tool] },
      "tools[1].name: is the name of a tool before it; give each tool its own",
    ],
    [
      { tools: [tool], tool_choice: { type: "function", name: "g" } },
      "tool_choice.name: is not the name of one of `tools`",
    ],
    [
      { tools: [tool], tool_choice: { type: "web_search" } },
      'tool_choice: must be "none", "auto", "required" or a function: {"type":"function","name":"…"}',
    ],
    [
      { text: { format: { type: "json_schema", name: "x" } } },
      "text.format.schema: is missing; send the JSON schema",
    ],
    [
      { text: { format: { type: "json_object" } }, grammar: 'root ::= "a"' },
      "grammar: cannot be sent together with `text.format`; send one of them",
    ],
    [{ max_tokens: 3 }, "max_tokens: is not a known field: did you mean `max_output_tokens`?"],
    [{ messages: [] }, "messages: is not a known field: did you mean `input`?"],
    [{ n: 2 }, "n: is not a known field"],
    [
      { max_output_tokens: 0 },
      "max_output_tokens: must be a whole number from 1 to 2147483647; got number 0",
    ],
    [{ input: undefined }, "input: must be text, or an array of items"],
    [{ input: [] }, "input: must not be empty"],
    [
      { input: [{ type: "reasoning", summary: [] }] },
      'input[0].type: must be "message", "function_call" or "function_call_output"; nothing else is supported',
    ],
    [
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }] },
      'input[0].content[0]: must be a text part: {"type":"input_text","text":"…"}',
    ],
    [
      { input: [{ role: "tool", content: "x" }] },
      'input[0].role: must be one of "system", "user", "assistant"; got a string',
    ],
    [{ input: [{ role: "user", content: "x", name: 1 }] }, "input[0].name: is not a known field"],
    [
      { input: [output("a")] },
      "input[0].call_id: is not the id of a call before it without a result",
    ],
    [
      { input: [call("a"), call("a")] },
      "input[1].call_id: is the id of a call before it without a result",
    ],
    [
      { input: [{ ...call("a"), arguments: "{" }] },
      'input[0].arguments: must be the JSON text of an object, like "{}"',
    ],
  ])("refuses %j", (fields, expected) => {
    expect(problems(fields)).toEqual([expected]);
  });

  it("bounds the size of a prompt", () => {
    expect(problems({ input: "x".repeat(262_145) })).toEqual([
      "input: must be at most 262144 bytes of UTF-8; got 262145",
    ]);
  });

  it("does not serve another model", () => {
    expect(() => parse({ model: "gpt-5" })).toThrow(
      expect.objectContaining({ kind: "model-unknown" }),
    );
  });
});
