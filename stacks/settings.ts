import type { Settings } from "./settings-schema.ts";

/**
 * What is deployed: edit this file, or override a value by its environment variable. Meaning, variable
 * and allowed values of each: docs/configuration.md, made of `stacks/settings-schema.ts`.
 */
export const settings: Settings = {
  applicationName: "bitnet-lambda",
  environmentSuffix: "dev",
  region: "us-east-1",
  architecture: "x86_64",
  memoryMiB: 3008,
  timeoutSeconds: 300,
  concurrencyLimit: undefined,
  snapStart: false,
  provisionedConcurrency: undefined,
  functionUrl: "off",
  functionUrlCallers: [],
  corsOrigins: [],
  logRetentionDays: 14,
  logKmsKeyArn: undefined,
  alarmTopicArn: undefined,
  batch: "off",
  batchConcurrency: 5,
  batchToleratedFailures: 20,
  batchRetentionDays: 7,
  keepImages: 5,
  tags: {},
  stateBucket: undefined,
  stateRegion: undefined,
  /** The function's own variables, by the names in `runtime/config.ts`. */
  runtime: {},
};
