import { loadLocalRuntime } from "./local-runtime.ts";

// `make demo`: a prompt through the Lambda handler, on this machine.

const prompt = process.env.PROMPT || "What is the capital of France?";
process.env.BITNET_LOG_LEVEL ??= "error";

const runtime = await loadLocalRuntime();
const response = await runtime.invoke({
  messages: [{ role: "user", content: prompt }],
  n_predict: 64,
  temperature: 0,
  repeat_penalty: 1,
});
const body = JSON.parse(response.body);
if (response.statusCode !== 200) {
  console.error(`${response.statusCode}: ${body.error.message}`);
  process.exit(1);
}
const rate = body.timings.predicted_per_second;
console.log(`\n> ${prompt}\n${body.content.trim()}\n`);
console.log(
  [
    runtime.engineName,
    runtime.modelName,
    `${body.tokens_evaluated} + ${body.tokens_predicted} tokens`,
    rate === null ? "rate unknown" : `${rate.toFixed(1)} tokens/s`,
  ].join(" · "),
);
