import { once } from "node:events";
import * as z from "zod";
import { UserError } from "../model/user-error.ts";
import { parseConfig } from "../runtime/config.ts";
import { readVariables } from "../runtime/variables.ts";
import { resourceName } from "../stacks/resource-names.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { completeLocalEnvironment } from "./local/local-environment.ts";

// `make local`: the function on this machine, with the name and the timeout that it has when
// deployed: OpenAI's routes, a web page, and Lambda's Invoke API.

const portError = "a number up to 65535";

const commandSettings = z.object({
  PORT: z
    .string()
    .regex(/^\d+$/, portError)
    .default("9000")
    .transform(Number)
    .refine((port) => port <= 65_535, portError),
});

/** What to do when the port cannot be had, by the system's code. */
const portAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use: end what uses it, or choose another (PORT=9001)",
  EACCES: "this user may not use ports below 1024: choose another (PORT=9001)",
};

await runCommandLine(async () => {
  // Before the deployment's settings: their message is about what can be deployed.
  parseConfig(process.env);
  const config = parseStackConfig(settings, process.env);
  const { PORT } = readVariables(commandSettings, process.env);
  const functionName = resourceName(config, "function");
  const { engineName, modelName } = completeLocalEnvironment();
  const { startLocalServer } = await import("../runtime/local-server.ts");
  const options = { functionName, port: PORT, timeoutMs: config.timeoutSeconds * 1000 };
  const server = await startLocalServer(options).catch(notListening);
  console.log(`${functionName} at ${server.url}: ${engineName}, ${modelName}`);
  console.log(`  page          ${server.url}/`);
  console.log(`  OpenAI        base URL ${server.url}/v1, model ${server.modelName}`);
  console.log(`  direct        make invoke PROMPT="Hello" ENDPOINT=${server.url}`);
  console.log(`  all checks    make test-remote ENDPOINT=${server.url}`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await server.close();
});

function notListening(error: NodeJS.ErrnoException): never {
  const advice = portAdvice[error.code ?? ""];
  throw advice === undefined ? error : new UserError(advice, { cause: error });
}
