import { once } from "node:events";
import { UserError } from "../model/user-error.ts";
import { resourceName } from "../stacks/resource-names.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { completeLocalEnvironment } from "./local/local-environment.ts";

// `make local`: the function on this machine, by the name and with the timeout that it has when
// deployed: the HTTP routes, a page, and Lambda's Invoke API. PORT is 9000 unless given.

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  const functionName = resourceName(config, "function");
  const { engineName, modelName } = completeLocalEnvironment();
  const { startLocalServer } = await import("../runtime/local-server.ts");
  const server = await startLocalServer({
    functionName,
    port: portOf(process.env.PORT || "9000"),
    timeoutMs: config.timeoutSeconds * 1000,
  }).catch(portTaken);
  console.log(`${functionName} at ${server.url}: ${engineName}, ${modelName}`);
  console.log(`  page          ${server.url}/`);
  console.log(`  OpenAI        base URL ${server.url}/v1, model ${server.modelName}`);
  console.log(`  direct        make invoke PROMPT="Hello" ENDPOINT=${server.url}`);
  console.log(`  all checks    make test-remote ENDPOINT=${server.url}`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await server.close();
});

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UserError(`PORT=${text}: a number up to 65535`);
}

function portTaken(error: NodeJS.ErrnoException): never {
  if (error.code !== "EADDRINUSE") throw error;
  throw new UserError("the port is taken: end what uses it, or name another (PORT=9001)");
}
