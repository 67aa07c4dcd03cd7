import { availableParallelism } from "node:os";
import type { Config } from "../../../runtime/config.ts";
import { threadsFor } from "../../../runtime/lambda-sizing.ts";

/** Engine threads as the runtime would choose them on this machine. */
export function threadsOf(config: Config): number {
  return threadsFor({ ...config, visibleCpus: availableParallelism() });
}
