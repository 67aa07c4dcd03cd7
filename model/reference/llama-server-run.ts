/** A run of llama-server's command line: listen, load, and answer until the process is ended. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type FlagTable,
  field,
  integer,
  ProgramError,
  parseCommandLine,
  refuse,
} from "./command-line.ts";
import type { SlotDependencies } from "./completion-slot.ts";
import { defaultEngineSettings, type EngineSettings, engineFlags } from "./engine-settings.ts";
import { LlamaServerApp } from "./llama-server-app.ts";

/** Settings by flags. */
interface LlamaServerSettings extends EngineSettings {
  host: string;
  /** 0 takes any free port. */
  port: number;
}

const flags: FlagTable<LlamaServerSettings> = {
  ...engineFlags,
  "--host": field("host", String),
  "--port": field("port", integer),
  "--parallel": (_, value) => {
    if (integer(value) !== 1) refuse("this engine has one slot");
  },
};

/** Runs the command line. Resolves when the model is loaded. Throws ProgramError. */
export async function runLlamaServer(
  args: readonly string[],
  dependencies: SlotDependencies,
): Promise<Server> {
  const defaults = { ...defaultEngineSettings(), host: "127.0.0.1", port: 8080 };
  const settings = parseCommandLine(flags, defaults, args);
  const { host, port } = settings;
  const report = (line: string) => dependencies.writeError(`main: ${line}\n`);
  const app = new LlamaServerApp(settings, dependencies);
  const server = createServer((request, response) => void app.handle(request, response));
  try {
    await listen(server, settings);
  } catch (cause) {
    const message = `main: couldn't bind HTTP server socket, hostname: ${host}, port: ${port}`;
    throw new ProgramError(message, { cause });
  }
  const bound = (server.address() as AddressInfo).port;
  report(`HTTP server is listening, hostname: ${host}, port: ${bound}, http threads: 1`);
  report("loading model");
  // Lets in requests to answer 503 to; none is handled while the model loads.
  await dependencies.pause();
  try {
    app.load();
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  report("model loaded");
  report(`server is listening on ${host}:${bound} - starting the main loop`);
  return server;
}

function listen(server: Server, { host, port }: LlamaServerSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}
