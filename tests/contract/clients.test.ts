import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { generateObject, generateText, streamText, tool } from "ai";
import OpenAI from "openai";
import * as z from "zod";
import { serveApplication } from "../helpers/http-server.ts";
import { goldenModel, referenceLlamaServer } from "../helpers/reference.ts";

/**
 * What people call the function with, unchanged: the same list of calls by each client. `CLIENTS_URL`
 * names a running server instead, such as `make local` on a compiled engine. Python's clients make the
 * same calls in `scripts/test-clients.sh`.
 */

let baseURL: string;
let close = async () => {};
beforeAll(async () => {
  const { CLIENTS_URL } = process.env;
  baseURL = `${CLIENTS_URL}/v1`;
  if (CLIENTS_URL) return;
  const served = await serveApplication({
    BITNET_ENGINE: "llama-server",
    BITNET_LLAMA_SERVER: referenceLlamaServer,
    BITNET_MODEL: goldenModel,
  });
  await served.application.engine.settled();
  baseURL = `${served.url}/v1`;
  close = served.close;
});
afterAll(() => close());

const model = "golden";
const apiKey = "none";
const question = "What is the capital of France?";
const answer = "The capital of France is Paris.";

/** Arguments that a small model can get right: the grammar leaves it two words. */
const parameters = z.object({ unit: z.enum(["celsius", "fahrenheit"]) });
const description = "Tells the weather.";
const jsonSchema = {
  type: "object",
  properties: { unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
  required: ["unit"],
  additionalProperties: false,
} as const;

describe("OpenAI's client", () => {
  const client = () => new OpenAI({ baseURL, apiKey, maxRetries: 0 });
  const messages = [{ role: "user" as const, content: question }];
  const greedy = { model, temperature: 0 };

  it("chats, whole and streamed", async () => {
    const whole = await client().chat.completions.create({ ...greedy, messages });
    const stream = client().chat.completions.stream({ ...greedy, messages });

    expect(whole.choices[0]?.message.content).toBe(answer);
    expect(await stream.finalContent()).toBe(answer);
  });

  it("calls a function, and hands its result back", async () => {
    const weather = { name: "weather", description, parameters: jsonSchema };
    const ask = { ...greedy, tools: [{ type: "function" as const, function: weather }] };
    const choice = { tool_choice: "required", parallel_tool_calls: false } as const;
    const called = await client().chat.completions.create({ ...ask, ...choice, messages });
    const message = called.choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== "function") throw new Error("no call");
    const told = await client().chat.completions.create({
      ...ask,
      max_tokens: 8,
      tool_choice: "none",
      messages: [...messages, message, { role: "tool", tool_call_id: call.id, content: "20" }],
    });

    expect(called.choices[0]?.finish_reason).toBe("tool_calls");
    expect(parameters.parse(JSON.parse(call.function.arguments))).toBeDefined();
    expect(told.choices[0]?.message.content).not.toBe("");
  });

  it("parses structured output", async () => {
    const json_schema = { name: "weather", strict: true, schema: jsonSchema };
    const response_format = { type: "json_schema", json_schema } as const;
    const parsed = await client().chat.completions.parse({ ...greedy, messages, response_format });

    const content = parsed.choices[0]?.message.content ?? "";
    expect(parameters.parse(JSON.parse(content))).toBeDefined();
  });

  it("asks for Responses, whole and streamed", async () => {
    const whole = await client().responses.create({ ...greedy, input: question });
    const stream = client().responses.stream({ ...greedy, input: question });

    expect(whole.output_text).toBe(answer);
    expect((await stream.finalResponse()).output_text).toBe(answer);
  });
});

describe.each([
  [
    "chat completions",
    () =>
      createOpenAICompatible({ name: "bitnet", baseURL, apiKey, supportsStructuredOutputs: true })(
        model,
      ),
  ],
  ["Responses", () => createOpenAI({ baseURL, apiKey }).responses(model)],
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
    new ChatOpenAI({ model, apiKey, temperature: 0, maxRetries: 0, configuration: { baseURL } });
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
