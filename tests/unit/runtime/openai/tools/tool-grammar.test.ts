import { parseChatRequest } from "../../../../../runtime/openai/chat-request.ts";
import { accepts } from "../../../../helpers/grammar.ts";
import { openAiContext } from "../../../../helpers/openai-problems.ts";

const tree = {
  type: "object",
  properties: { const: { $ref: "#/$defs/node" }, self: { $ref: "#" } },
  $defs: { node: { enum: [{ $ref: "#" }] } },
};
const tools = [
  { name: "f", parameters: { properties: { a: { type: "boolean" } }, required: ["a"] } },
  { name: "g", parameters: { type: "object", properties: {} } },
  { name: "tree", parameters: tree },
  { name: "any", parameters: {} },
].map((each) => ({ type: "function", function: each }));

/** Whether a request's grammar lets an answer end with this text. */
function allows(fields: object, text: string): boolean {
  const messages = [{ role: "user", content: "Hi" }];
  const { request } = parseChatRequest({ messages, tools, ...fields }, openAiContext);
  return accepts(request.settings.grammar, text);
}

const call = (name: string, args: string) => `{"name": "${name}", "arguments": ${args}}`;
const f = call("f", '{"a": true}');
const g = call("g", "{}");
const named = { tool_choice: { type: "function", function: { name: "g" } } };
const required = { tool_choice: "required" };
const oneByOne = { ...required, parallel_tool_calls: false };
const formatted = {
  response_format: { type: "json_schema", json_schema: { schema: tree } },
};

describe("the grammar of tools", () => {
  it.each([
    [{}, [`[${f}]`, `[${f}, ${g}]`, "", "Text [x]", ' [{"name"', '{"name": "f"}', "é\n"]],
    [required, [`[${f}]`, `[${f},${g}]`, `[${Array(16).fill(g).join(",")}]`]],
    [required, [`[${call("tree", '{"const": {"$ref":"#"}, "self": {"self": {}}}')}]`]],
    [required, [`[${call("any", '{"x": [1, null]}')}]`]],
    [oneByOne, [`[${f}]`, `[${g}]`]],
    [named, [`[${g}]`]],
    [formatted, [`[${f}]`, '{"const": {"$ref":"#"}, "self": {}}']],
    [{ ...required, ...formatted }, [`[${f}]`]],
  ])("with %j allows %j", (fields, texts) => {
    expect(texts.filter((text) => !allows(fields, text))).toEqual([]);
  });

  it.each([
    [{}, ["[", "[x]", "[]", `[${f}`, `[${f}] `, `[${call("h", "{}")}]`]],
    [required, ["", "Text", "{}", "[]", `[${Array(17).fill(g).join(",")}]`]],
    [
      required,
      [call("f", "{}"), call("f", '{"a": 1}'), call("g", '{"a": 1}')].map((c) => `[${c}]`),
    ],
    [required, [`[${call("any", "[]")}]`]],
    [oneByOne, [`[${f}, ${g}]`]],
    [named, [`[${f}]`, `[${g}, ${g}]`, "Text"]],
    [formatted, ["Text", "", '{"const": 1}']],
    [{ ...required, ...formatted }, ["{}"]],
  ])("with %j does not allow %j", (fields, texts) => {
    expect(texts.filter((text) => allows(fields, text))).toEqual([]);
  });
});
