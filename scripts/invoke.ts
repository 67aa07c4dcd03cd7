import { text } from "node:stream/consumers";
import * as z from "zod";
import { UserError } from "../model/user-error.ts";
import { readVariables } from "../runtime/variables.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { loadLocalRuntime } from "./local/local-environment.ts";

// `make invoke`: invokes the handler on this machine with JSON from standard input and prints the
// Lambda response as JSON. PROMPT="…" invokes the deployed function instead, or the one at ENDPOINT.

const commandSettings = z.object({ PROMPT: z.string().optional() });

await runCommandLine(async () => {
  const { PROMPT } = readVariables(commandSettings, process.env);
  const response = PROMPT === undefined ? await invokeLocally() : await invokeRemotely(PROMPT);
  console.log(JSON.stringify(response));
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});

async function invokeLocally() {
  if (process.stdin.isTTY) {
    throw new UserError(
      `Send a request on standard input: echo '{"prompt":"Hello"}' | make invoke, or ask the deployed function: make invoke PROMPT="Hello"`,
    );
  }
  const event = await text(process.stdin);
  return (await loadLocalRuntime()).invoke(event);
}

async function invokeRemotely(content: string) {
  const config = parseStackConfig(settings, process.env);
  // Without PROMPT, make installs no AWS SDK.
  const { connectRemote } = await import("./remote/remote-function.ts");
  const { call } = await connectRemote(config, process.env);
  const { statusCode, body } = await call({ messages: [{ role: "user", content }] });
  return { statusCode, body: JSON.stringify(body) };
}
