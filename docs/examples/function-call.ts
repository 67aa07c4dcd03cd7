// TypeScript, npm install openai: the model picks a function and its arguments; your code runs it
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "http://127.0.0.1:9000/v1", apiKey: "none" });
const answer = await client.chat.completions.create({
  model: "golden",
  temperature: 0,
  messages: [{ role: "user", content: "How warm is it in Paris, in celsius?" }],
  tool_choice: "required",
  tools: [
    {
      type: "function",
      function: {
        name: "temperature",
        description: "The temperature in a city.",
        parameters: {
          type: "object",
          properties: { unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
          required: ["unit"],
          additionalProperties: false,
        },
      },
    },
  ],
});
const [call] = answer.choices[0]?.message.tool_calls ?? [];
if (call?.type === "function")
  process.stdout.write(`${call.function.name} ${call.function.arguments}\n`);
