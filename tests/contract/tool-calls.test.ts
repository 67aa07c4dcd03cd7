import * as fc from "fast-check";
import type { ChatCompletionMessageFunctionToolCall } from "openai/resources/chat/completions";
import * as z from "zod";
import { enginesUnderTest } from "../helpers/reference.ts";
import { type SentTool, toolSets } from "../helpers/tool-sets.ts";
import { messages, openAiClient, servedGolden } from "./served-golden.ts";

/** Random tool sets for each engine; TOOL_SETS=200 takes minutes. */
const sets = Number(process.env.TOOL_SETS || 2);

const model = "golden";
const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    description: "The weather of a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string", maxLength: 8 }, unit: { enum: ["C", "F"] } },
      required: ["city", "unit"],
    },
  },
};
const choice = { type: "function" as const, function: { name: "get_weather" } };
const ask = { model, messages, tools: [weather], temperature: 0, max_tokens: 100 };

/** The arguments of a call, which must be those of one of the tools. */
function checkedArguments(
  call: ChatCompletionMessageFunctionToolCall,
  tools: readonly SentTool[],
): unknown {
  const schema = tools.find((tool) => tool.function.name === call.function.name);
  expect(schema).toBeDefined();
  return z
    .fromJSONSchema(schema?.function.parameters as Parameters<typeof z.fromJSONSchema>[0])
    .parse(JSON.parse(call.function.arguments));
}

describe.each(enginesUnderTest)("OpenAI's client calls functions on %s", (_name, variables) => {
  const url = servedGolden(variables);
  const client = () => openAiClient(url());

  it("streamed, as the client puts it together", async () => {
    const stream = client().chat.completions.stream({ ...ask, tool_choice: choice });
    const done: string[] = [];
    stream.on("tool_calls.function.arguments.done", (call) => done.push(call.arguments));

    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0] ?? {};

    const call = message?.tool_calls?.[0] as ChatCompletionMessageFunctionToolCall;
    expect(finish_reason).toBe("tool_calls");
    expect(message).toMatchObject({ content: null, tool_calls: [{ function: choice.function }] });
    expect(checkedArguments(call, [weather])).toMatchObject({ unit: expect.stringMatching(/C|F/) });
    expect(done).toEqual([call.function.arguments]);
  });

  it("in a loop that runs them and tells the results", async () => {
    const cities: string[] = [];
    const runner = client().chat.completions.runTools({
      ...ask,
      tool_choice: choice,
      tools: [
        {
          type: "function",
          function: {
            ...weather.function,
            parse: JSON.parse,
            function: ({ city }: { city: string }) => {
              cities.push(city);
              return "sunny";
            },
          },
        },
      ],
    });

    await runner.done();
    const told = await client().chat.completions.create({ ...ask, messages: runner.messages });

    expect(cities).toHaveLength(1);
    expect(runner.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(told.choices[0]?.message.content).not.toBe("");
  });

  it("answers in text where the first character is text, or a format's", async () => {
    const text = await client().chat.completions.create({ ...ask, tool_choice: "auto" });
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const json_schema = { name: "x", schema };
    const formatted = await client().chat.completions.create({
      ...ask,
      response_format: { type: "json_schema", json_schema },
    });

    expect(text.choices[0]).toMatchObject({ finish_reason: "stop" });
    expect(text.choices[0]?.message.content).toMatch(/\w/);
    // Whichever the model prefers, it is one of the two.
    const { content, tool_calls } = formatted.choices[0]?.message ?? {};
    expect(tool_calls ?? JSON.parse(content ?? "")).toBeDefined();
  });

  it(
    `gets valid calls for ${sets} random tool sets, whole and streamed in turn`,
    async () => {
      let asked = 0;
      const property = fc.asyncProperty(toolSets, async (set) => {
        const { tools, named, isParallel, ...sampling } = set;
        const request = {
          model,
          messages,
          ...sampling,
          tools: [...tools],
          tool_choice:
            named === undefined
              ? ("required" as const)
              : { type: "function" as const, function: { name: named.function.name } },
          parallel_tool_calls: isParallel,
          max_tokens: 3000,
        };
        const completion =
          asked++ % 2 === 0
            ? await client().chat.completions.create(request)
            : await client().chat.completions.stream(request).finalChatCompletion();

        const { message, finish_reason } = completion.choices[0] ?? {};
        const calls = (message?.tool_calls ?? []) as ChatCompletionMessageFunctionToolCall[];
        expect(finish_reason).toBe("tool_calls");
        expect(message?.content).toBeNull();
        expect(calls.length).toBeGreaterThan(0);
        for (const call of calls) checkedArguments(call, tools);
        if (named || !isParallel) expect(calls).toHaveLength(1);
        if (named) expect(calls[0]?.function.name).toBe(named.function.name);
      });

      await fc.assert(property, { numRuns: sets, endOnFailure: true });
    },
    60_000 + sets * 10_000,
  );
});
