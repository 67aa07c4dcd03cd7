import { Hono } from "hono";
import { cors } from "hono/cors";
import type { AdmittedCall, Call } from "../answer.ts";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { Service } from "../service.ts";
import { requireApiKey } from "./api-key.ts";
import { type Route, routes } from "./routes.ts";

/** What the HTTP core stands on. */
export interface AppParts {
  readonly config: Pick<Config, "apiKeySha256" | "corsOrigins">;
  readonly service: Service;
}

/** A web request in, a web response out; Lambda and `node:http` are adapters on it. */
export type App = (request: Request, call: Call) => Promise<Response>;

/**
 * The HTTP core: one table of routes, the key and the origins checked in front of it.
 *
 * @param moreRoutes what an adapter offers besides
 */
export function createApp(parts: AppParts, moreRoutes: readonly Route[] = []): App {
  const { config, service } = parts;
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
      if (!route.isOpen) requireKey(context.req.raw, config.apiKeySha256);
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

function requireKey({ headers }: Request, keySha256: string | undefined): void {
  requireApiKey({ headers: Object.fromEntries(headers) }, keySha256);
}

function routeUnknown(table: readonly Route[], path: string): AppError {
  const methods = table.filter((route) => route.path === path).map((route) => route.method);
  const hint =
    methods.length > 0
      ? `use ${methods.join(" or ")}`
      : `there are ${table.map((route) => `${route.method} ${route.path}`).join(", ")}`;
  // Not a word of the caller's: this goes to the log.
  return new AppError("route-unknown", `there is no such route: ${hint}`);
}

function errorAnswer(service: Service, error: unknown, requestId: string): Response {
  const { status, headers, body } = service.fail(error, requestId);
  // Nobody reads the answer to a caller who has gone; 499 is what web servers note for it.
  return Response.json(body, { status: status === 0 ? 499 : status, headers });
}
