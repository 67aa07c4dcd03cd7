import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createApplication } from "./application.ts";
import { AppError } from "./errors.ts";
import type { App } from "./http/app.ts";
import { answerInvokeApi, type InvokeApiDependencies } from "./http/invoke-api.ts";
import { lambdaHandler } from "./http/lambda-handler.ts";
import { nodeListener } from "./http/node-adapter.ts";
import type { Route } from "./http/routes.ts";
import { errorResponse } from "./openai/error-response.ts";

/** How the local server is started. */
export interface LocalServerOptions {
  /** Name of the function in the Invoke API. */
  readonly functionName: string;
  /** TCP port on this machine only; 0 takes any free one. */
  readonly port: number;
  /** Time a request has, in milliseconds. */
  readonly timeoutMs: number;
}

/** A running local server. */
export interface LocalServer {
  readonly url: string;
  readonly modelName: string;
  /** Ends requests under way, the server and the engine. */
  close(): Promise<void>;
}

/** Only this machine can reach it. */
const host = "127.0.0.1";

/**
 * The composition root on the user's own machine: the HTTP core behind `node:http`, Lambda's Invoke API
 * and a page to try it with.
 *
 * @throws AppError `config-invalid`; NodeJS.ErrnoException when the port is taken
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const application = createApplication(process.env, { moreRoutes: [pageRoute()] });
  const { app, config, engine, isBusy } = application;
  const invokeDirectly = application.invoke;
  const invocation: InvokeApiDependencies = {
    ...options,
    invoke: lambdaHandler({ ...application, invokeDirectly, awslambda: undefined }),
    newRequestId: randomUUID,
    isBusy,
    now: () => performance.now(),
  };
  // The Invoke API's own requests, and the HTTP core for all others.
  const answer: App = async (request, call) =>
    refusedHost(request, call.requestId) ??
    (await answerInvokeApi(invocation, request)) ??
    app(request, call);
  const server = createServer(nodeListener(answer, options.timeoutMs));
  server.listen(options.port, host);
  await once(server, "listening");
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    modelName: config.modelName,
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.all([once(server, "close"), engine.stop()]);
    },
  };
}

/** Names of this machine in a `host` header, before its port. */
const ownHosts: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * The answer to a request for another host: a web page whose name has been pointed at this machine (DNS
 * rebinding) could otherwise read answers.
 */
function refusedHost(request: Request, requestId: string): Response | undefined {
  const name = request.headers.get("host")?.replace(/:\d+$/, "");
  if (name === undefined || ownHosts.includes(name.toLowerCase())) return undefined;
  const message = `the host must be one of ${ownHosts.join(", ")}`;
  const { status, body } = errorResponse(new AppError("host-refused", message), requestId);
  return Response.json(body, { status });
}

/** `GET /`: one file, which loads nothing from elsewhere. */
function pageRoute(): Route {
  const page = readFileSync(join(import.meta.dirname, "local-page.html"), "utf8");
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:",
  };
  return { method: "GET", path: "/", isOpen: true, answer: () => new Response(page, { headers }) };
}
