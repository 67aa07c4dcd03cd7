import { type Config, parseConfig } from "./config.ts";
import { createDirectInvocation, type DirectInvocation } from "./direct/invocation.ts";
import { createEngine } from "./engine/create-engine.ts";
import type { Engine } from "./engine/engine.ts";
import { RequestQueue } from "./engine/request-queue.ts";
import { type App, createApp } from "./http/app.ts";
import type { Route } from "./http/routes.ts";
import { createLog, writeLogLine } from "./logger.ts";
import { kernelRandomBytes } from "./random-bytes.ts";
import { seedOf } from "./seed.ts";
import { Service } from "./service.ts";

/** Random bytes behind a seed. */
const seedBytes = 8;

/** Everything behind the two composition roots, put together. */
export interface Application {
  readonly config: Config;
  readonly engine: Engine;
  readonly service: Service;
  /** As many requests wait for the engine as may. */
  readonly isBusy: () => boolean;
  readonly app: App;
  readonly invokeDirectly: DirectInvocation;
}

/**
 * The application for an environment.
 *
 * @param moreRoutes what a composition root offers besides the routing table
 * @throws AppError `config-invalid`
 */
export function createApplication(
  environment: Readonly<Record<string, string | undefined>>,
  moreRoutes: readonly Route[] = [],
): Application {
  const config = parseConfig(environment);
  const log = createLog({
    writeLine: writeLogLine,
    level: config.logLevel,
    now: () => new Date(),
  });
  const warn = (event: string, reason: string) => log("warn", event, { reason });
  const engine = createEngine(config, environment, warn);
  const queue = new RequestQueue();
  const service = new Service({
    config,
    engine,
    queue,
    log,
    drawSeed: (requestId) => seedOf(kernelRandomBytes(seedBytes), requestId),
    now: () => new Date(),
  });
  return {
    config,
    engine,
    service,
    isBusy: () => queue.isFull,
    app: createApp({ config, service }, moreRoutes),
    invokeDirectly: createDirectInvocation({ config, service }),
  };
}
