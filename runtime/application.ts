import { type BatchDependencies, invokeBatch, isBatchEvent } from "./batch/batch-invocation.ts";
import { type Config, parseConfig, snapStart } from "./config.ts";
import { type DirectInvocation, invokeDirectly } from "./direct/invocation.ts";
import { createEngine } from "./engine/create-engine.ts";
import type { Engine } from "./engine/engine.ts";
import { engines } from "./engine/engines.ts";
import { readIntoPageCache } from "./engine/page-cache.ts";
import { RequestQueue } from "./engine/request-queue.ts";
import { type App, createApp } from "./http/app.ts";
import type { Route } from "./http/routes.ts";
import { createLog, writeLogLine } from "./logger.ts";
import { kernelRandomBytes, seedOf } from "./seed.ts";
import { Service } from "./service.ts";
import type { Environment } from "./variables.ts";

/** Everything behind the two composition roots. */
export interface Application {
  readonly config: Config;
  readonly engine: Engine;
  readonly service: Service;
  /** The queue is full. */
  readonly isBusy: () => boolean;
  readonly app: App;
  readonly invokeDirectly: DirectInvocation;
  /** Answers any invocation: one request, or a batch, whose outcome has a form of its own. */
  readonly invoke: DirectInvocation;
  /** Runs something on a service whose engine stays loaded meanwhile. */
  readonly withResidentService: BatchDependencies["withResidentService"];
}

/** What a composition root adds. */
export interface ApplicationOptions {
  /** Routes besides those of the routing table. */
  readonly moreRoutes?: readonly Route[];
  /** Writes a line of the log; to standard error by default. */
  readonly writeLogLine?: (line: string) => void;
}

/**
 * The application for an environment.
 *
 * @throws AppError `config-invalid`
 */
export function createApplication(
  environment: Environment,
  options: ApplicationOptions = {},
): Application {
  const config = parseConfig(environment);
  const now = () => new Date();
  const writeLine = options.writeLogLine ?? writeLogLine;
  const log = createLog({ writeLine, level: config.logLevel, now });
  const warn = (event: string, reason: string) => log("warn", event, { reason });
  const engine = createEngine(config, environment, warn);
  const queue = new RequestQueue();
  const serviceOn = (used: Config, engineUsed: Engine) =>
    new Service({
      config: used,
      engine: engineUsed,
      queue,
      log,
      drawSeed: (requestId) => seedOf(kernelRandomBytes(8), requestId),
      now,
    });
  const service = serviceOn(config, engine);
  const withResidentService: Application["withResidentService"] = async (use) => {
    if (engines[config.engine].isResident) return use(service);
    const residentConfig = { ...config, engine: "llama-server" } as const;
    const resident = createEngine(residentConfig, environment, warn);
    try {
      return await use(serviceOn(residentConfig, resident));
    } finally {
      // Two engines would need the memory of two contexts while single requests are answered.
      await resident.stop();
    }
  };
  return {
    config,
    engine,
    service,
    isBusy: () => queue.isFull,
    app: createApp({ config, service }, options.moreRoutes),
    invokeDirectly: (event, context) => invokeDirectly({ config, service }, event, context),
    invoke: (event, context) =>
      isBatchEvent(event)
        ? (invokeBatch({ config, service, withResidentService }, event, context) as Promise<never>)
        : invokeDirectly({ config, service }, event, context),
    withResidentService,
  };
}

/** Kinds of initialization that happen ahead of any request, and may take longer than 10 seconds. */
const aheadOfRequests: readonly (string | undefined)[] = [snapStart, "provisioned-concurrency"];

/**
 * Reads the model into the page cache while the engine loads, and waits for both ahead of any request:
 * with SnapStart they become part of the snapshot. On demand a request waits already, so it returns at
 * once, far below Lambda's 10 seconds. A model that cannot be read fails the first request.
 */
export async function initialize(
  config: Pick<Config, "modelPath" | "initializationType">,
  engine: Pick<Engine, "settled">,
  readModel = readIntoPageCache,
): Promise<void> {
  const cached = readModel(config.modelPath).catch(() => 0);
  if (!aheadOfRequests.includes(config.initializationType)) return;
  await Promise.all([cached, engine.settled()]);
}
