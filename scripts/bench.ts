import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseConfig } from "../runtime/config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { parseBenchmarkSettings } from "./lab/benchmark/benchmark-settings.ts";
import type { Bench, Experiment } from "./lab/benchmark/experiment.ts";
import type { ExperimentResult } from "./lab/benchmark/experiment-result.ts";
import { experiments } from "./lab/benchmark/experiments.ts";
import { chartSource, experimentChart } from "./lab/benchmark/report-charts.ts";
import { benchmarkCsv } from "./lab/benchmark/report-csv.ts";
import {
  type BenchmarkReport,
  benchmarkMarkdown,
  comparisonTable,
} from "./lab/benchmark/report-markdown.ts";
import { readMachine } from "./lab/machine.ts";
import { completeLocalEnvironment } from "./local/local-environment.ts";

// `make bench`: every figure that can be measured on this machine, alternatives in turn. Engines and
// model by BITNET_LLAMA_CLI, BITNET_LLAMA_SERVER and BITNET_MODEL; ROUNDS, ONLY and OUT as
// `benchmark-settings.ts` says.

await runCommandLine(async () => {
  const settings = parseBenchmarkSettings(process.env);
  const machine = readMachine(new Date());
  const folder = mkdtempSync(join(tmpdir(), "bitnet-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const bench = prepareBench(settings.rounds, folder);
  console.log(`${bench.engineName}, ${bench.modelName}; ${settings.rounds} rounds`);

  const results: ExperimentResult[] = [];
  for (const experiment of experiments.filter(({ id }) => settings.only.includes(id))) {
    const result = await runExperiment(experiment, bench);
    results.push(result);
    tell(result);
  }
  const { outFolder } = settings;
  if (outFolder !== undefined) writeReport(outFolder, { machine, ...bench, results });
  const limits = results.flatMap(({ findings }) => findings?.limits ?? []);
  for (const { promise, isKept, measured } of limits) {
    console.log(`${isKept ? "kept      " : "NOT KEPT  "} ${promise}: ${measured}`);
  }
  // A promise that is not kept is a finding; what could not be measured is a failure. Not the exit
  // code alone: resident engines would keep this process.
  process.exit(results.some(({ failure }) => failure !== undefined) ? 1 : 0);
});

function prepareBench(rounds: number, folder: string): Bench {
  process.env.BITNET_ENGINE = "llama-cli";
  const { engineName, modelName, isReference } = completeLocalEnvironment();
  // Both engines are measured, whichever is configured.
  process.env.BITNET_ENGINE = "llama-server";
  completeLocalEnvironment();
  return {
    config: parseConfig(process.env),
    // A report tells names, not where things lie on this machine.
    engineName: isReference ? engineName : basename(engineName),
    modelName: basename(modelName),
    isReference,
    rounds,
    folder,
    onProgress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r  ${text}\x1b[K`);
    },
  };
}

/** An experiment to its end; what goes wrong is told in its place, and the others go on. */
async function runExperiment(experiment: Experiment, bench: Bench): Promise<ExperimentResult> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const obstacle = experiment.obstacle?.(bench);
  if (obstacle !== undefined) return { experiment, seconds: 0, findings: undefined, obstacle };
  console.log(`\n${experiment.title} …`);
  try {
    const findings = await experiment.run(bench);
    return { experiment, seconds: seconds(), findings };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { experiment, seconds: seconds(), findings: undefined, failure };
  } finally {
    bench.onProgress("");
  }
}

function tell({ experiment, seconds, findings, obstacle, failure }: ExperimentResult): void {
  if (obstacle !== undefined) console.log(`\n${experiment.title}: not measured, ${obstacle}`);
  if (failure !== undefined) console.log(`FAILED: ${failure}`);
  for (const comparison of findings?.comparisons ?? []) {
    console.log(comparisonTable(comparison).join("\n"));
  }
  for (const note of findings?.notes ?? []) console.log(`\n${note}`);
  if (seconds > 0) console.log(`(${seconds.toFixed(0)} s)`);
}

function writeReport(outFolder: string, report: Omit<BenchmarkReport, "charts" | "csv">): void {
  const chartFolder = "benchmarks";
  mkdirSync(join(outFolder, chartFolder), { recursive: true });
  const charts = new Map<string, string>();
  for (const result of report.results) {
    const chart = experimentChart(result, chartSource(report));
    if (chart === undefined) continue;
    const path = `${chartFolder}/${result.experiment.id}.svg`;
    writeFileSync(join(outFolder, path), chart);
    charts.set(result.experiment.id, path);
  }
  const csv = "benchmarks.csv";
  writeFileSync(join(outFolder, csv), benchmarkCsv(report.results));
  writeFileSync(join(outFolder, "benchmarks.md"), benchmarkMarkdown({ ...report, charts, csv }));
  console.log(`\n${join(outFolder, "benchmarks.md")}: written\n`);
}
