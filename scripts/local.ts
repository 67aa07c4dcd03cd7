import { once } from "node:events";
import { completeLocalEnvironment } from "./local-environment.ts";

// `make local`: the HTTP routes and a page on this machine. PORT (default 8080), and every BITNET_*
// variable of the function.

const timeoutMs = 15 * 60 * 1000;
const { engineName, modelName } = completeLocalEnvironment();
const port = Number(process.env.PORT || 8080);

const { startLocalServer } = await import("../runtime/local-server.ts");
const server = await startLocalServer({ port, timeoutMs }).catch((error: Error) => {
  console.error(`make local: ${error.message}`);
  process.exit(2);
});
console.log(`${engineName} · ${modelName}`);
console.log(`page    ${server.url}/`);
console.log(`OpenAI  base URL ${server.url}/v1, model ${server.modelName}`);
await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
await server.close();
