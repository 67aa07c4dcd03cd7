import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Application, createApplication } from "../../runtime/application.ts";
import { nodeListener } from "../../runtime/http/node-adapter.ts";

/** A server that a test has started. */
export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server on a free port of this machine. */
export async function serve(listener: RequestListener): Promise<RunningServer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => closed(server) };
}

async function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

/**
 * The whole application behind `node:http`, as the local server runs it.
 *
 * @param limitMs time that a request may take
 */
export async function serveApplication(
  variables: Record<string, string>,
  limitMs = 60_000,
): Promise<RunningServer & { readonly application: Application }> {
  const application = createApplication({
    PATH: process.env.PATH,
    BITNET_LOG_LEVEL: "error",
    ...variables,
  });
  const server = await serve(nodeListener(application.app, limitMs));
  return {
    ...server,
    application,
    async close() {
      await server.close();
      await application.engine.stop();
    },
  };
}
