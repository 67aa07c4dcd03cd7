import { setTimeout as sleep } from "node:timers/promises";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { settings } from "../stacks/settings.ts";
import { interruption, runCommandLine } from "./cli/command-line.ts";
import { askOnTerminal } from "./cli/consent.ts";
import { createAwsClients } from "./deploy/aws-clients.ts";
import { readMachine } from "./lab/machine.ts";
import { runRemoteBenchmark } from "./lab/remote-benchmark/remote-benchmark.ts";

// `make benchmark-remote`: deploys an environment of its own (ENV_SUFFIX=bench), measures it by
// memory size, engine, cold and warm start and number of tokens, and destroys it. Settings:
// scripts/lab/remote-benchmark/benchmark-settings.ts.

await runCommandLine(async () => {
  const signal = interruption();
  const ending = await runRemoteBenchmark({
    settings,
    environment: process.env,
    createClients: (config) => ({
      invoker: createAwsClients(config).lambda,
      control: new LambdaClient({ region: config.region, retryMode: "standard", maxAttempts: 8 }),
    }),
    signal,
    pause: (ms, stop) => sleep(ms, undefined, { signal: stop }),
    ask: askOnTerminal(signal),
    writeLine: (line) => console.log(line),
    describeRun: () => readMachine(new Date()),
  });
  if (ending !== undefined && ending !== "whole") process.exitCode = 1;
});
