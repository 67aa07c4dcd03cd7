import { settings } from "../stacks/settings.ts";
import { interruption, runCommandLine } from "./cli/command-line.ts";
import { askOnTerminal } from "./cli/consent.ts";
import { runRemoteBenchmark } from "./lab/remote-benchmark/remote-benchmark.ts";

// `make benchmark-remote`: deploys an environment of its own (ENV_SUFFIX=bench), measures it by
// memory size, engine, cold and warm start and number of tokens, and destroys it. Settings:
// scripts/lab/remote-benchmark/benchmark-settings.ts.

await runCommandLine(async () => {
  const signal = interruption();
  const ending = await runRemoteBenchmark({
    settings,
    environment: process.env,
    signal,
    ask: askOnTerminal(signal),
    writeLine: (line) => console.log(line),
  });
  if (ending !== undefined && ending !== "whole") process.exitCode = 1;
});
