// TypeScript, npm install openai: make local, or a function URL with an API key
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "http://127.0.0.1:9000/v1", apiKey: "none" });
const stream = await client.chat.completions.create({
  model: "golden",
  messages: [{ role: "user", content: "What is a cold start?" }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
