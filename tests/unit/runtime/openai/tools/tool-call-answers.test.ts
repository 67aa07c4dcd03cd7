import { chunksOf, jsonOf, scriptedApp } from "../../../../helpers/http-app.ts";

const body = {
  messages: [{ role: "user", content: "Hi" }],
  tools: [{ type: "function", function: { name: "f" } }],
};
const first = '[{"name": "f", "arguments": {"a": 1}}';
const firstCall = {
  id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
  type: "function",
  function: { name: "f", arguments: '{"a": 1}' },
};

interface Message {
  readonly tool_calls: readonly { readonly id: string }[];
}

/** The choices of a whole answer, and of each chunk of a streamed one. */
async function answersTo(pieces: readonly string[], script = {}) {
  const { post, lines } = scriptedApp({ pieces, ...script });
  const whole = await jsonOf(post("/v1/chat/completions", body));
  const chunks = await chunksOf(post("/v1/chat/completions", { ...body, stream: true }));
  return { whole: whole.choices[0], chunks: chunks.map(({ choices }) => choices[0]), lines };
}

describe("an answer with calls", () => {
  it("lists them whole, streams them in deltas with the same ids, and logs none of it", async () => {
    const pieces = [
      '[{"name": "f", "arg',
      'uments": {"a": ',
      '1}}, {"name": "f",',
      '"arguments":{}}]',
    ];

    const { whole, chunks, lines } = await answersTo(pieces);

    const calls = whole.message.tool_calls;
    expect(whole).toMatchObject({
      message: { role: "assistant", content: null, refusal: null },
      finish_reason: "tool_calls",
    });
    expect(calls).toEqual([firstCall, { ...firstCall, function: { name: "f", arguments: "{}" } }]);
    expect(calls[0].id).not.toBe(calls[1].id);
    const opening = (index: number) => ({
      tool_calls: [
        { index, id: calls[index].id, type: "function", function: { name: "f", arguments: "" } },
      ],
    });
    const piece = (index: number, text: string) => ({
      tool_calls: [{ index, function: { arguments: text } }],
    });
    expect(chunks.map(({ delta }) => delta)).toEqual([
      { role: "assistant", content: null },
      opening(0),
      piece(0, '{"a": '),
      piece(0, "1}"),
      opening(1),
      piece(1, "{}"),
      {},
    ]);
    expect(chunks.map(({ finish_reason }) => finish_reason).at(-1)).toBe("tool_calls");
    expect(JSON.stringify(lines)).not.toMatch(/arguments|call_/);
  });

  it.each([
    ["the first of two", [first, ', {"name": "f", "arg'], [firstCall]],
    ["none", ['[{"name": "f", "arguments": {"a'], undefined],
    ["none, at its first bracket,", ["["], undefined],
    [
      "one, with brackets and quotes in it,",
      ['[{"name": "f", "arguments": {"a": "}]\\""}}, {"name": "f", "arguments": {'],
      [{ ...firstCall, function: { name: "f", arguments: '{"a": "}]\\""}' } }],
    ],
  ])("that is cut has %s of them and says so", async (_name, pieces, calls) => {
    const { whole, chunks } = await answersTo(pieces, { finishReason: "length" });

    expect(whole.message.tool_calls).toEqual(calls);
    expect(whole.message.content).toBeNull();
    expect([whole.finish_reason, chunks.at(-1).finish_reason]).toEqual(["length", "length"]);
  });

  it("is not cut when the limit comes behind the last bracket", async () => {
    const { whole, chunks } = await answersTo([first, "]"], { finishReason: "length" });

    expect([whole.finish_reason, chunks.at(-1).finish_reason]).toEqual([
      "tool_calls",
      "tool_calls",
    ]);
  });

  it("has ids of its own in each of several choices", async () => {
    const { post } = scriptedApp({ pieces: [first, "]"] });

    const { choices } = await jsonOf(post("/v1/chat/completions", { ...body, n: 2 }));

    const ids = choices.map(({ message }: { message: Message }) => message.tool_calls[0]?.id);
    expect(choices).toMatchObject([{ index: 0, finish_reason: "tool_calls" }, { index: 1 }]);
    expect(new Set(ids).size).toBe(2);
  });

  it("is text where it begins with text", async () => {
    const { whole, chunks } = await answersTo(["a [", first]);

    expect(whole).toMatchObject({ message: { content: `a [${first}` }, finish_reason: "stop" });
    expect(chunks.map(({ delta }) => delta)).toEqual([
      { role: "assistant", content: "" },
      { content: "a [" },
      { content: first },
      {},
    ]);
  });
});
