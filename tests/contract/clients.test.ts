import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { generateObject, generateText, streamText, tool } from "ai";
import * as z from "zod";
import { enginesUnderTest } from "../helpers/reference.ts";
import { answer, greedy, question, servedGolden } from "./served-golden.ts";

/**
 * What people call the function with, unchanged: the same list of calls by each client;
 * OpenAI's own has tests of its own beside this one. `CLIENTS_URL` names a running server instead,
 * such as `make local` on a compiled engine. Python's clients make the same calls in
 * `scripts/test-clients.sh`.
 */

const { CLIENTS_URL } = process.env;
const [, [, llamaServer]] = enginesUnderTest;
const url = CLIENTS_URL ? () => CLIENTS_URL : servedGolden(llamaServer);
const connection = () => ({ baseURL: `${url()}/v1`, apiKey: "none" });

const { model } = greedy;

/** Arguments that a small model can get right: the grammar leaves it two words. */
const parameters = z.object({ unit: z.enum(["celsius", "fahrenheit"]) });
const description = "Tells the weather.";

describe.each([
  [
    "chat completions",
    () =>
      createOpenAICompatible({ name: "bitnet", ...connection(), supportsStructuredOutputs: true })(
        model,
      ),
  ],
  ["Responses", () => createOpenAI(connection()).responses(model)],
])("the AI SDK by %s", (_name, languageModel) => {
  const ask = () => ({ model: languageModel(), temperature: 0, maxRetries: 0, prompt: question });

  it("generates and streams text", async () => {
    const { text, usage } = await generateText(ask());
    const streamed = await streamText(ask()).text;

    expect([text, streamed]).toEqual([answer, answer]);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  it("calls a tool and goes on with its result", async () => {
    const execute = jest.fn(async () => "20");
    const { toolCalls } = await generateText({
      ...ask(),
      tools: { weather: tool({ description, inputSchema: parameters, execute }) },
      toolChoice: "required",
      providerOptions: {
        openai: { parallelToolCalls: false },
        bitnet: { parallel_tool_calls: false },
      },
    });

    expect(parameters.parse(toolCalls[0]?.input)).toBeDefined();
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it("generates an object", async () => {
    const { object } = await generateObject({ ...ask(), schema: parameters });

    expect(parameters.parse(object)).toBeDefined();
  });
});

describe("LangChain", () => {
  const chat = () =>
    new ChatOpenAI({
      model,
      apiKey: "none",
      temperature: 0,
      maxRetries: 0,
      configuration: connection(),
    });
  const weather = { name: "weather", description, schema: parameters };

  it("invokes and streams", async () => {
    const { content } = await chat().invoke(question);
    let streamed = "";
    for await (const chunk of await chat().stream(question)) streamed += chunk.text;

    expect([content, streamed]).toEqual([answer, answer]);
  });

  it("binds tools", async () => {
    const bound = chat().bindTools([weather], { tool_choice: "weather" });

    const { tool_calls } = await bound.invoke(question);

    expect(parameters.parse(tool_calls?.[0]?.args)).toBeDefined();
  });

  it.each(["jsonSchema", "functionCalling"] as const)(
    "gives structured output by %s",
    async (method) => {
      const structured = chat().withStructuredOutput(parameters, { name: "weather", method });

      expect(parameters.parse(await structured.invoke(question))).toBeDefined();
    },
  );
});
