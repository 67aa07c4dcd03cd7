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
  const app = new Hono<{ Bindings: AdmittedCall }>();
  app.onError((error, { env }) => errorAnswer(service, error, env.requestId));
  app.use(async (context, next) => {
    await next();
    context.header("x-request-id", context.env.requestId);
  });
  if (config.corsOrigins.length > 0) app.use(corsOf(config.corsOrigins));
  for (const route of table) {
    app.on(route.method, route.path, (context) => {
      if (!route.isOpen) requireApiKey(context.req.header(), config.apiKeySha256);
      const parameter = (name: string) => context.req.param(name) ?? "";
      return route.answer({ service, request: context.req.raw, call: context.env, parameter });
    });
  }
  app.notFound(({ req }) => {
    throw routeUnknown(table, req.path);
  });
  return async (request, call) => app.fetch(request, service.admit(call));
}

function corsOf(origins: readonly string[]) {
  return cors({
    origin: [...origins],
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "x-api-key"],
    exposeHeaders: ["x-request-id"],
    maxAge: 600,
  });
}

function routeUnknown(table: readonly Route[], path: string): AppError {
  const methods = table.filter((route) => route.path === path).map((route) => route.method);
  const hint =
    methods.length > 0
      ? `use ${methods.join(" or ")}`
      : `there are ${table.map((route) => `${route.method} ${route.path}`).join(", ")}`;
  // Without the caller's own words: this is logged.
  return new AppError("route-unknown", `there is no such route: ${hint}`);
}

function errorAnswer(service: Service, error: unknown, requestId: string): Response {
  const { status, headers, body } = service.fail(error, requestId);
  // The answer to a caller who has disconnected is not read; 499 is what web servers log for it.
  return Response.json(body, { status: status === 0 ? 499 : status, headers });
}
