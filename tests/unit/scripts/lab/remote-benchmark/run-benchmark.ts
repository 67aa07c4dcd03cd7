import { existsSync, readFileSync } from "node:fs";
import type { Sample } from "../../../../../scripts/lab/remote-benchmark/measured-call.ts";
import { runRemoteBenchmark } from "../../../../../scripts/lab/remote-benchmark/remote-benchmark.ts";
import { settings } from "../../../../../stacks/settings.ts";
import { cloudWorkspace } from "../../../../helpers/cloud-workspace.ts";
import { LambdaEmulator } from "../../../../helpers/emulators/lambda-emulator.ts";

/** Two versions of a cold and a warm call each. */
export const tinyPlan = {
  QUICK: "1",
  YES: "1",
  MEMORY_SIZES: "1769",
  ENGINES: "llama-cli",
  TOKENS: "10",
  WARM_SAMPLES: "2",
  COLD_SAMPLES: "2",
} as const;

/** An emulated account with Lambda, for each test of a file. */
export function benchmarkCloud() {
  const workspace = cloudWorkspace();
  const cloud = { workspace, lambda: new LambdaEmulator({ functions: new Map() }) };
  beforeEach(async () => {
    cloud.lambda = new LambdaEmulator(workspace.emulator);
    workspace.set({ AWS_ENDPOINT_URL_LAMBDA: await cloud.lambda.start() });
  });
  afterEach(() => cloud.lambda.stop());
  return cloud;
}

/** Runs the benchmark in this process, on fake programs and an emulated account. */
export async function run(
  variables: Readonly<Record<string, string>> = tinyPlan,
  ask?: (question: string) => Promise<string>,
) {
  const lines: string[] = [];
  const ending = await runRemoteBenchmark({
    settings,
    environment: { ...process.env, ...variables },
    signal: new AbortController().signal,
    ask,
    writeLine: (line) => lines.push(line),
  }).catch((error: Error) => error.message);
  return { ending, output: lines.join("\n") };
}

/** Runs it, and reads what it keeps of every call. */
export async function measured(variables: Readonly<Record<string, string>> = {}) {
  const result = await run({ ...tinyPlan, RAW: "1", ...variables });
  const raw = read("docs/benchmarks-remote.raw.jsonl").trim();
  const samples: Sample[] = JSON.parse(`[${raw.replaceAll("\n", ",")}]`);
  return { ...result, samples };
}

/** The text of a file; empty where there is none. */
export const read = (name: string) => (existsSync(name) ? readFileSync(name, "utf8") : "");
