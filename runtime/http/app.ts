import { Hono } from "hono";
import { cors } from "hono/cors";
import type { AdmittedCall, Call } from "../answer.ts";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { Service } from "../service.ts";
import { requireApiKey } from "./api-key.ts";
import { type Route, routes } from "./routes.ts";

/** Dependencies of the HTTP core. */
export interface AppDependencies {
  readonly config: Pick<Config, "apiKeySha256" | "corsOrigins">;
  readonly service: Service;
}

/** A web request in, a web response out; Lambda and `node:http` are adapters on it. */
export type App = (request: Request, call: Call) => Promise<Response>;

/**
 * The HTTP core: one table of routes, the key and the origins checked in front of it.
 *
 * @param moreRoutes routes that an adapter adds
 */
export function createApp(dependencies: AppDependencies, moreRoutes: readonly Route[] = []): App {
  const { config, service } = dependencies;
  const table = [...routes, ...moreRoutes];
  const app = new Hono<{ Bindings: AdmittedCall }>({ getPath: pathOf });
  app.onError((error, { env }) => errorAnswer(service, error, env));
  app.use(async (context, next) => {
    await next();
    context.header("x-request-id", context.env.requestId);
  });
  if (config.corsOrigins.length > 0) app.use(corsOf(config.corsOrigins));
  for (const route of table) {
    app.on(route.method, pathsOf(route), (context) => {
      if (!route.isOpen) requireApiKey(context.req.header(), config.apiKeySha256);
      const parameter = (name: string) => context.req.param(name) ?? "";
      return route.answer({ service, request: context.req.raw, call: context.env, parameter });
    });
  }
  app.notFound(({ req }) => {
    throw routeMissing(table, req.path);
  });
  return async (request, call) =>
    app.fetch(request, service.admit({ ...call, traceparent: traceparentOf(request) }));
}

/** W3C's header for the trace that a request belongs to: hex digits and nothing else. */
function traceparentOf({ headers }: Request): string | undefined {
  const traceparent = headers.get("traceparent") ?? "";
  return /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent)
    ? traceparent
    : undefined;
}

function corsOf(origins: readonly string[]) {
  return cors({
    origin: [...origins],
    allowMethods: ["GET", "POST"],
    // Without a list, all that the page asks for: OpenAI's client sends a dozen headers of its own.
    exposeHeaders: ["x-request-id", "retry-after"],
    maxAge: 600,
  });
}

/** A request's path without doubled and trailing slashes: a function URL ends in one already. */
function pathOf(request: Request): string {
  const path = new URL(request.url).pathname.replaceAll(/\/{2,}/g, "/");
  return path === "/" ? path : path.replace(/\/$/, "");
}

/** A route's path, and the same without `/v1`, as llama.cpp's own clients have it. */
function pathsOf({ path }: Route): string[] {
  return path.startsWith("/v1/") ? [path, path.slice("/v1".length)] : [path];
}

function routeMissing(table: readonly Route[], path: string): AppError {
  const allowed = table.filter((route) => pathsOf(route).some((each) => isPath(each, path)));
  if (allowed.length > 0) {
    const allow = [...new Set(allowed.map((route) => route.method))].join(", ");
    return new AppError("method-not-allowed", `this route takes ${allow}`, { allow });
  }
  // Does not repeat the caller's input: this message is logged.
  const known = table.map((route) => `${route.method} ${route.path}`).join(", ");
  return new AppError("route-unknown", `there is no such route: there are ${known}`);
}

/** True for a path of a route, in which `:name` stands for any one part. */
function isPath(routePath: string, path: string): boolean {
  const pattern = routePath.replaceAll(/:[a-z]+/g, "[^/]+");
  return new RegExp(`^${pattern}$`).test(path);
}

function errorAnswer(service: Service, error: unknown, call: AdmittedCall): Response {
  const { status, headers, body } = service.fail(error, call);
  // The answer to a caller who has disconnected is not read; 499 is what web servers log for it.
  return Response.json(body, { status: status === 0 ? 499 : status, headers });
}
