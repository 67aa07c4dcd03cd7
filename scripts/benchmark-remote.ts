import { randomBytes } from "node:crypto";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { interruption, runCommandLine } from "./cli/command-line.ts";
import { askOnTerminal } from "./cli/consent.ts";
import { createAwsClients } from "./deploy/aws-clients.ts";
import { createDeploymentDependencies } from "./deploy/deployment-dependencies.ts";
import { readMachine } from "./lab/machine.ts";
import { isRunning } from "./lab/remote-benchmark/is-running.ts";
import { benchmarkNotePath } from "./lab/remote-benchmark/original-note.ts";
import { runRemoteBenchmark } from "./lab/remote-benchmark/remote-benchmark.ts";
import { realClock } from "./lab/remote-benchmark/waiting.ts";
import { readDeployedFunction } from "./remote/deployed-function.ts";

// `make benchmark-remote`: measures the deployed function (or FUNCTION=name) by memory size, engine,
// cold and warm start and number of tokens, for a price that it tells and asks for first. Settings:
// scripts/lab/remote-benchmark/benchmark-settings.ts.

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  const signal = interruption();
  const ending = await runRemoteBenchmark({
    environment: process.env,
    region: config.region,
    findFunctionName: async () => {
      const parts = createDeploymentDependencies(config, process.env);
      return (await readDeployedFunction(parts)).function_name;
    },
    createClient: (options) => createAwsClients({ ...config, ...options }).lambda,
    notePath: benchmarkNotePath,
    processId: process.pid,
    isRunning,
    newRunId: () => randomBytes(4).toString("hex"),
    clock: realClock,
    signal,
    ask: askOnTerminal(signal),
    writeLine: (line) => console.log(line),
    describeRun: () => readMachine(new Date()),
  });
  if (ending !== undefined && ending !== "whole") process.exitCode = 1;
});
