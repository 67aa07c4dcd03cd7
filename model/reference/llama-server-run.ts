/**
 * A run of llama-server's command line: listen, load, and answer until the process is ended.
 * Everything it wants from outside comes in as `LlamaServerWorld`.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseCommandLine } from "./command-line.ts";
import { type AppWorld, LlamaServerApp } from "./llama-server-app.ts";
import { LLAMA_SERVER, type LlamaServerSettings } from "./llama-server-flags.ts";
import { LoadError } from "./open-engine.ts";

/** What a run needs from outside. */
export interface LlamaServerWorld extends AppWorld {
  /** Throws the system's error. */
  readFile(path: string): Buffer;
  writeOutput(text: string): void;
}

/** A run that goes on: the server listens. Or one that is over. */
export type LlamaServerRun = { readonly server: Server } | { readonly exitCode: number };

/** Runs the command line. Resolves when the model is loaded, or cannot be. */
export async function runLlamaServer(
  args: readonly string[],
  world: LlamaServerWorld,
): Promise<LlamaServerRun> {
  const request = parseCommandLine(LLAMA_SERVER, args, (path) => world.readFile(path));
  if (request.kind === "run") return start(request.settings, world);
  if (request.exitCode === 0) world.writeOutput(request.text);
  else world.writeError(request.text);
  return { exitCode: request.exitCode };
}

async function start(
  settings: LlamaServerSettings,
  world: LlamaServerWorld,
): Promise<LlamaServerRun> {
  const report = (line: string) => settings.logs && world.writeError(`main: ${line}\n`);
  const app = new LlamaServerApp(settings, world);
  const server = createServer((request, response) => void app.handle(request, response));
  const { host, port } = settings;
  try {
    await listen(server, settings);
  } catch {
    report(`couldn't bind HTTP server socket, hostname: ${host}, port: ${port}`);
    return { exitCode: 1 };
  }
  const bound = (server.address() as AddressInfo).port;
  report(`HTTP server is listening, hostname: ${host}, port: ${bound}, http threads: 1`);
  report("loading model");
  // Whoever asks before it is loaded is told so; loading itself lets nobody in.
  await world.pause();
  try {
    app.load();
  } catch (error) {
    server.close();
    server.closeAllConnections();
    if (!(error instanceof LoadError)) throw error;
    world.writeError(error.message);
    report("exiting due to model loading error");
    return { exitCode: 1 };
  }
  report("model loaded");
  report(`server is listening on ${host}:${bound} - starting the main loop`);
  return { server };
}

function listen(server: Server, { host, port }: LlamaServerSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}
