import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseConfig } from "../runtime/config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { parseBenchmarkSettings } from "./lab/benchmark/benchmark-settings.ts";
import { type Bench, type ExperimentResult, runExperiment } from "./lab/benchmark/experiment.ts";
import { experiments } from "./lab/benchmark/experiments.ts";
import { outcome, writeReport } from "./lab/benchmark/report.ts";
import { readMachine } from "./lab/machine.ts";
import { completeLocalEnvironment } from "./local/local-environment.ts";

// `make bench`: measures the engines and the handler on this machine, alternatives in turn. Engines
// and models: BITNET_LLAMA_CLI, BITNET_LLAMA_SERVER, BITNET_MODEL, F16_MODEL; ROUNDS, ONLY, OUT,
// RAW: scripts/lab/benchmark/benchmark-settings.ts.

await runCommandLine(async () => {
  const { rounds, only, outFolder, isRawKept, f16ModelPath } = parseBenchmarkSettings(process.env);
  const machine = readMachine(new Date());
  const folder = mkdtempSync(join(tmpdir(), "bitnet-bench-"));
  // Every copy of the handler listens for this process's end.
  process.setMaxListeners(0);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const bench = prepareBench(rounds, folder, f16ModelPath);
  console.log(`${bench.engineName}, ${bench.modelName}; ${rounds} rounds`);

  const results: ExperimentResult[] = [];
  for (const experiment of experiments.filter(({ id }) => only.includes(id))) {
    console.log(`\n${experiment.title} …`);
    const result = await runExperiment(experiment, bench);
    bench.onProgress("");
    results.push(result);
    console.log([...outcome(result), `(${result.seconds.toFixed(0)} s)`].join("\n"));
  }
  if (outFolder !== undefined) {
    const path = writeReport({ machine, ...bench, results }, outFolder, isRawKept);
    console.log(`\n${path}: written\n`);
  }
  for (const { limit, isMet, measured } of results.flatMap((one) => one.findings?.limits ?? [])) {
    console.log(`${isMet ? "met    " : "NOT MET"} ${limit}: ${measured}`);
  }
  // A limit that is not met is a finding; an experiment that failed is a failure. Not the exit code
  // alone: resident engines would keep this process alive.
  process.exit(results.some(({ failure }) => failure !== undefined) ? 1 : 0);
});

function prepareBench(rounds: number, folder: string, f16ModelPath: string | undefined): Bench {
  process.env.BITNET_ENGINE = "llama-cli";
  const { engineName, modelName, isReference } = completeLocalEnvironment();
  // Both engines are measured, whichever is configured.
  process.env.BITNET_ENGINE = "llama-server";
  completeLocalEnvironment();
  return {
    config: parseConfig(process.env),
    engineName: isReference ? engineName : basename(engineName),
    modelName: basename(modelName),
    isReference,
    f16ModelPath,
    rounds,
    folder,
    onProgress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r  ${text}\x1b[K`);
    },
  };
}
