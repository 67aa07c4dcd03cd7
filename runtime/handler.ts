import { randomInt } from "node:crypto";
import { parseConfig } from "./config.ts";
import { createEngine } from "./create-engine.ts";
import { createDirectInvocation } from "./direct-invocation.ts";
import { createLog } from "./logger.ts";

// The composition root on Lambda: here, and in the local server, the environment is read.
const config = parseConfig(process.env);

/** The Lambda handler; the container's CMD names it. */
export const handler = createDirectInvocation({
  config,
  engine: createEngine(config, process.env),
  log: createLog({
    writeLine: (line) => process.stderr.write(`${line}\n`),
    level: config.logLevel,
    now: () => new Date(),
  }),
  // Up to 2^32-2: llama.cpp reads 2^32-1 as "random".
  drawSeed: () => randomInt(2 ** 32 - 1),
});
