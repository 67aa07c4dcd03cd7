import type { ResponseFunctionToolCall, ResponseInput } from "openai/resources/responses/responses";
import { enginesUnderTest } from "../helpers/reference.ts";
import { answer, greedy, messages, openAiClient, question, servedGolden } from "./served-golden.ts";

const ask = { ...greedy, max_output_tokens: 100 };
const weather = {
  type: "function" as const,
  name: "get_weather",
  strict: true,
  parameters: {
    type: "object",
    properties: { city: { type: "string", maxLength: 8 }, unit: { enum: ["C", "F"] } },
    required: ["city", "unit"],
    additionalProperties: false,
  },
};
const named = { tools: [weather], tool_choice: { type: "function" as const, name: weather.name } };

describe.each(enginesUnderTest)("OpenAI's client asks for Responses of %s", (_name, variables) => {
  const url = servedGolden(variables);
  const responses = () => openAiClient(url()).responses;

  it("whole", async () => {
    const response = await responses().create({ ...ask, input: question });

    expect(response.output_text).toBe(answer);
    expect(response).toMatchObject({ object: "response", status: "completed", model: "golden" });
    expect(response.usage?.input_tokens).toBeGreaterThan(0);
  });

  it("streamed, as the client puts it together", async () => {
    const pieces: string[] = [];
    const stream = responses().stream({ ...ask, input: question });
    stream.on("response.output_text.delta", ({ delta }) => pieces.push(delta));

    const response = await stream.finalResponse();

    expect(response.output_text).toBe(answer);
    expect(pieces.join("")).toBe(answer);
    expect(response.usage?.output_tokens).toBeGreaterThan(pieces.length - 1);
  });

  it("calls a function, and takes its output with the items before it", async () => {
    const input: ResponseInput = [...messages];
    const first = await responses().create({ ...ask, ...named, input });
    const call = first.output[0] as ResponseFunctionToolCall;
    input.push(call, { type: "function_call_output", call_id: call.call_id, output: "sunny" });
    const second = await responses().create({ ...ask, tools: [weather], input });

    expect(first.output).toHaveLength(1);
    expect(JSON.parse(call.arguments)).toMatchObject({ unit: expect.stringMatching(/^[CF]$/) });
    expect(second.status).toBe("completed");
    expect(second.output_text).not.toBe("");
  });

  it("calls a function in a stream", async () => {
    const stream = responses().stream({ ...ask, ...named, input: question });
    let last = "";
    stream.on("response.function_call_arguments.delta", ({ snapshot }) => {
      last = snapshot;
    });

    const { output } = await stream.finalResponse();

    const [call] = output as ResponseFunctionToolCall[];
    expect(call).toMatchObject({ type: "function_call", name: "get_weather", status: "completed" });
    expect(call?.arguments).toBe(last);
    expect(Object.keys(JSON.parse(last))).toEqual(["city", "unit"]);
  });
});
