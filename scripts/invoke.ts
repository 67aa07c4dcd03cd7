import { text } from "node:stream/consumers";
import { loadLocalRuntime } from "./local-runtime.ts";

// `make invoke`: one request as JSON on standard input → the Lambda response as JSON.

if (process.stdin.isTTY) {
  console.error(`Send a request on standard input: echo '{"prompt":"Hello"}' | make invoke`);
  process.exit(2);
}
const event = await text(process.stdin);
const runtime = await loadLocalRuntime();
const response = await runtime.invoke(event);
console.log(JSON.stringify(response));
process.exitCode = response.statusCode === 200 ? 0 : 1;
