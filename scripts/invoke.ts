import { text } from "node:stream/consumers";
import { UserError } from "../model/user-error.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { loadLocalRuntime } from "./local/local-runtime.ts";
import { connectRemote } from "./remote/connect-remote.ts";

// `make invoke`: one request as JSON on standard input → the handler on this machine → the Lambda
// response as JSON. With PROMPT="…" it goes to the deployed function instead, or to ENDPOINT.

const { PROMPT } = process.env;
await runCommandLine(PROMPT ? () => askRemote(PROMPT) : invokeLocally);

async function invokeLocally(): Promise<void> {
  if (process.stdin.isTTY) {
    throw new UserError(
      `Send a request on standard input: echo '{"prompt":"Hello"}' | make invoke, or ask the deployed function: make invoke PROMPT="Hello"`,
    );
  }
  const event = await text(process.stdin);
  const runtime = await loadLocalRuntime();
  const response = await runtime.invoke(event);
  console.log(JSON.stringify(response));
  process.exitCode = response.statusCode === 200 ? 0 : 1;
}

async function askRemote(prompt: string): Promise<void> {
  const { call } = await connectRemote(parseStackConfig(settings, process.env), process.env);
  const { statusCode, body } = await call({ messages: [{ role: "user", content: prompt }] });
  console.log(JSON.stringify({ statusCode, body: JSON.stringify(body) }));
  process.exitCode = statusCode === 200 ? 0 : 1;
}
