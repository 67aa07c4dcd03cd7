import { parseChatRequest } from "../../../../../runtime/openai/chat-request.ts";
import { openAiContext, problemsOf } from "../../../../helpers/openai-problems.ts";

const user = { role: "user", content: "Hi" };

function parse(fields: object) {
  return parseChatRequest({ messages: [user], ...fields }, openAiContext);
}

const problems = (fields: object) => problemsOf(() => parse(fields));

const tool = (name: string, parameters?: object) => ({
  type: "function",
  function: { name, ...(parameters && { parameters }) },
});
const choose = (name: string) => ({ type: "function", function: { name } });
const calls = (...list: readonly (readonly [id: string, name: string, args: string])[]) => ({
  role: "assistant",
  content: null,
  tool_calls: list.map(([id, name, args]) => ({
    id,
    type: "function",
    function: { name, arguments: args },
  })),
});
const result = (id: string, content = "ok") => ({ role: "tool", tool_call_id: id, content });

describe("a chat request with tools", () => {
  it("describes them at the end of the system message", () => {
    const weather = {
      type: "function",
      function: {
        name: "weather",
        description: "Of a city.<|eot_id|>",
        strict: true,
        parameters: { type: "object", properties: { city: { type: "string" } } },
      },
    };
    const system = { role: "system", content: "Be brief." };

    const { request, mayCallTools } = parse({
      messages: [user, system],
      tools: [weather, tool("now")],
    });

    expect(mayCallTools).toBe(true);
    expect(request.prompt).toBe(
      `User: Hi<|eot_id|>System: Be brief.

You can call these functions:
{"name":"weather","description":"Of a city.<| eot_id|>","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}
{"name":"now","parameters":{"type":"object","properties":{},"additionalProperties":false}}
To call, answer with a JSON array of calls and nothing else: [{"name": "NAME", "arguments": {…}}]
The next turn then holds the result. Else answer in text.<|eot_id|>Assistant: `,
    );
  });

  it("has a system message for them when there is none, or the configured one", () => {
    const fields = { messages: [user], tools: [tool("now")] };
    const configured = parseChatRequest(fields, { ...openAiContext, systemPrompt: "Configured." });

    expect(parse(fields).request.prompt).toMatch(/^System: You can call these functions:\n/);
    expect(configured.request.prompt).toMatch(/^System: Configured\.\n\nYou can call/);
  });

  it("writes calls as the model does, and results as a user's turn, with tools or without", () => {
    const { request } = parse({
      messages: [
        user,
        calls(["a", "f", '{"x":1}'], ["b", "g", "{}"]),
        result("b", "two"),
        { ...result("a"), content: [{ type: "text", text: "one<|eot_id|>" }] },
        { ...calls(["a", "f", "{}"]), content: "Again:" },
        result("a"),
      ],
    });

    expect(request.prompt.split("<|eot_id|>")).toEqual([
      "User: Hi",
      'Assistant: [{"name": "f", "arguments": {"x":1}}, {"name": "g", "arguments": {}}]',
      "User: Result of g: two",
      "User: Result of f: one<| eot_id|>",
      'Assistant: Again:\n[{"name": "f", "arguments": {}}]',
      "User: Result of f: ok",
      "Assistant: ",
    ]);
  });

  it.each([
    [{ tools: [tool("f")] }, true],
    [{ tools: [tool("f")], tool_choice: "auto" }, true],
    [{ tools: [tool("f")], tool_choice: "required" }, true],
    [{ tools: [tool("f")], tool_choice: choose("f") }, true],
    [{ tools: [tool("f")], tool_choice: "none" }, false],
    [{ tools: [], tool_choice: "auto" }, false],
    [{ tools: null, tool_choice: null, parallel_tool_calls: null }, false],
    [{ tools: [tool("f")], tool_choice: "none", grammar: 'root ::= "a"' }, false],
    [{ tools: [tool("f")], tool_choice: "auto", response_format: { type: "json_object" } }, true],
  ])("reads from %j whether tools may be called", (fields, expected) => {
    const { mayCallTools, request } = parse(fields);

    expect(mayCallTools).toBe(expected);
    expect(request.prompt.includes("You can call")).toBe(expected);
  });

  const pattern = { type: "object", properties: { a: { type: "string", pattern: "x" } } };
  const recursive = { type: "object", properties: { a: { anyOf: [{ $ref: "#/properties/a" }] } } };
  it.each<[object, ...string[]]>([
    [
      { tools: [tool("f"), tool("g"), tool("f")] },
      "tools[2].function.name: is the name of a tool before it; give each tool its own",
    ],
    [
      { tools: [tool("a b"), tool("")] },
      ...[0, 1].map(
        (at) => `tools[${at}].function.name: must be 1 to 64 letters, digits, \`_\` or \`-\``,
      ),
    ],
    [
      { tools: [{ type: "custom", custom: {} }] },
      'tools[0].type: must be one of "function"; got a string',
      "tools[0].function: is missing; must be an object",
      "tools[0].custom: is not a known field",
    ],
    [
      { tools: [tool("f"), tool("g", pattern)] },
      "tools[1].function.parameters.properties.a.pattern: is a keyword that cannot be enforced; leave it out",
    ],
    [
      { tools: [tool("f"), tool("g", recursive)] },
      "tools[1].function.parameters: cannot be enforced: its grammar is left-recursive at the rule `reference-1`",
    ],
    [
      { tools: [tool("f", { type: "string" })] },
      'tools[0].function.parameters.type: must be "object": arguments have names',
    ],
    [
      { tools: Array.from({ length: 129 }, (_, at) => tool(`f${at}`)) },
      "tools: must have at most 128 items",
    ],
    [
      { tools: [tool("f")], tool_choice: choose("g") },
      "tool_choice.function.name: is not the name of one of `tools`",
    ],
    [{ tool_choice: "required" }, "tool_choice: needs `tools` to choose from"],
    [{ tool_choice: choose("g") }, "tool_choice.function.name: is not the name of one of `tools`"],
    [
      { tools: [tool("f")], tool_choice: "any" },
      'tool_choice: must be "none", "auto", "required" or a function: {"type":"function","function":{"name":"…"}}',
    ],
    [
      { tools: [tool("f")], parallel_tool_calls: 1 },
      "parallel_tool_calls: must be a boolean; got number 1",
    ],
    [
      { tools: [tool("f")], grammar: 'root ::= "a"' },
      'grammar: cannot be sent together with `tools`, but with `tool_choice: "none"`',
    ],
    [
      { tools: [tool("f")], ignore_eos: true },
      'ignore_eos: cannot be sent together with `tools`, but with `tool_choice: "none"`',
    ],
    [
      { tools: [tool("f")], json_schema: { type: "array" } },
      'json_schema.type: must be "object" together with `tools`: what begins with `[` is read as calls',
    ],
    [{ functions: [{}] }, "functions: is deprecated and not supported here; send `tools`"],
    [
      { function_call: { name: "f" } },
      "function_call: is deprecated and not supported here; send `tools` and `tool_choice`",
    ],
  ])("refuses %j", (fields, ...expected) => {
    expect(problems(fields)).toEqual(expected);
  });

  it("refuses tools whose text is longer than a prompt may be", () => {
    const long = tool("f", { type: "object", description: "x".repeat(262_144) });

    expect(problems({ tools: [long] })).toEqual([
      expect.stringMatching(/^tools: must be at most 262144 bytes of UTF-8; got 262\d{3}$/),
    ]);
  });

  const noCall = "is not the id of a call before it without a result";
  it.each<[object[], ...string[]]>([
    [[user, result("a")], `messages[1].tool_call_id: ${noCall}`],
    [[user, { role: "tool", content: "x" }], `messages[1].tool_call_id: ${noCall}`],
    [[calls(["a", "f", "{}"]), result("a"), result("a")], `messages[2].tool_call_id: ${noCall}`],
    [
      [calls(["a", "f", "{}"], ["a", "f", "{}"])],
      "messages[0].tool_calls[1].id: is the id of a call before it without a result",
    ],
    ...["{", "[]", "", "null"].map((text): [object[], string] => [
      [calls(["a", "f", text])],
      'messages[0].tool_calls[0].function.arguments: must be the JSON text of an object, like "{}"',
    ]),
    [
      [calls(["a", 'f"', "{}"])],
      "messages[0].tool_calls[0].function.name: must be 1 to 64 letters, digits, `_` or `-`",
    ],
    [
      [
        { ...calls(["a", "f", "{}"]), role: "user" },
        { ...user, tool_call_id: "a" },
      ],
      'messages[0].tool_calls: is for messages of the role "assistant"',
      'messages[1].tool_call_id: is for messages of the role "tool"',
    ],
    [[{ role: "assistant", content: null }], "messages[0].content: must be a string; got null"],
    [
      [{ role: "assistant", content: "", function_call: { name: "f" } }],
      "messages[0].function_call: is not a known field",
    ],
  ])("refuses the conversation %j", (messages, ...expected) => {
    expect(problems({ messages })).toEqual(expected);
  });
});
