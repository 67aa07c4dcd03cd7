import { randomInt } from "node:crypto";
import { availableParallelism, tmpdir } from "node:os";
import { parseConfig } from "./config.ts";
import { createDirectInvocation } from "./direct-invocation.ts";
import { createLlamaCliEngine } from "./engine/llama-cli-engine.ts";
import { threadsFor } from "./lambda-sizing.ts";
import { createLog } from "./logger.ts";

// The composition root on Lambda: the only place, with the local server, that reads the environment
// and names an engine.
const config = parseConfig(process.env);

/** The Lambda handler; the container's CMD names it. */
export const handler = createDirectInvocation({
  config,
  engine: createLlamaCliEngine({
    config,
    threads: threadsFor({ ...config, visibleCpus: availableParallelism() }),
    environment: process.env,
    temporaryFolder: tmpdir(),
    now: () => performance.now(),
  }),
  log: createLog({
    writeLine: (line) => process.stderr.write(`${line}\n`),
    level: config.logLevel,
    now: () => new Date(),
  }),
  // Up to 2^32-2: llama.cpp reads 2^32-1 as "random".
  drawSeed: () => randomInt(2 ** 32 - 1),
});
