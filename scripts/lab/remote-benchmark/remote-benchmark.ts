import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../model/user-error.ts";
import type { Environment } from "../../../runtime/variables.ts";
import { namePrefix, resourceName } from "../../../stacks/resource-names.ts";
import type { Settings, StackConfig } from "../../../stacks/settings-schema.ts";
import { parseStackConfig } from "../../../stacks/stack-config.ts";
import { type Ask, requireConsent } from "../../cli/consent.ts";
import type { Step } from "../../cli/steps.ts";
import { deploymentSteps } from "../../deploy/deployment.ts";
import {
  createDeploymentDependencies,
  type DeploymentDependencies,
} from "../../deploy/deployment-dependencies.ts";
import { destructionSteps, inventoryLines, removeLocalState } from "../../deploy/destruction.ts";
import { readMachine } from "../machine.ts";
import {
  BudgetReached,
  callsOf,
  planText,
  requireBudget,
  type Setup,
  setupName,
  setupsOf,
  spentUsd,
  versionsOf,
} from "./benchmark-plan.ts";
import { type Ending, prepareFolder, writeReport } from "./benchmark-report.ts";
import { type BenchmarkSettings, parseBenchmarkSettings } from "./benchmark-settings.ts";
import { callVersion, publishVersion, type Sample, sampleLine } from "./measured-call.ts";

/** Dependencies of the command; the signal is aborted by Ctrl-C. */
export interface RemoteBenchmarkDependencies {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** `undefined` without a terminal. */
  readonly ask: Ask | undefined;
  readonly writeLine: (line: string) => void;
}

const benchSuffix = "bench";

/** Destroys what a killed run has left. */
const destroyCommand = `ENV_SUFFIX=${benchSuffix} make destroy`;

/**
 * `make benchmark-remote`: prints what it costs, asks, deploys an environment of its own, measures
 * it, writes the report, and destroys the environment whatever happened.
 *
 * @returns how it ended; `undefined` for `DRY_RUN=1`
 * @throws AppError or UserError for bad settings, without consent, when AWS refuses something, and
 * when the environment cannot be destroyed
 */
export async function runRemoteBenchmark(
  dependencies: RemoteBenchmarkDependencies,
): Promise<Ending | undefined> {
  const { writeLine, ask } = dependencies;
  const plan = parseBenchmarkSettings(dependencies.environment);
  requireOtherSuffix(dependencies);
  const first = setupsOf(plan)[0] as Setup;
  const bench = benchDeployment(dependencies, first);
  writeLine(planText(plan, bench.config));
  requireBudget(plan, bench.config, first);
  if (plan.DRY_RUN) return undefined;

  prepareFolder(plan.OUT);
  await requireAbsent(bench);
  if (!plan.YES) {
    const consent = {
      question: `Type yes to spend up to ${plan.BUDGET_USD} USD on it: `,
      agreement: "yes",
      withoutTerminal: "nobody is there to ask: YES=1 make benchmark-remote",
      otherwise: "Nothing was deployed, measured or spent.",
    };
    await requireConsent(consent, ask);
  }
  try {
    const run = { ...dependencies, plan, bench, samples: [], imageDigests: new Set<string>() };
    return await measureAndReport(run);
  } finally {
    await destroy(bench, writeLine);
  }
}

function requireOtherSuffix({ settings, environment }: RemoteBenchmarkDependencies): void {
  if ((environment.ENV_SUFFIX || settings.environmentSuffix) !== benchSuffix) return;
  throw new UserError(
    `ENV_SUFFIX=${benchSuffix}: the benchmark would change and destroy this environment; leave ENV_SUFFIX as the deployed function has it. To remove what a killed run has left: ${destroyCommand}`,
  );
}

/**
 * The environment that is measured: the settings of `make deploy` under a suffix of its own. It has
 * no URL, sends no alarms and reserves no concurrency, none of which a direct call meets.
 */
function benchDeployment(
  { settings, environment }: RemoteBenchmarkDependencies,
  { memoryMiB, engine }: Setup,
): DeploymentDependencies {
  const config = parseStackConfig(settings, {
    ...environment,
    ENV_SUFFIX: benchSuffix,
    LAMBDA_MEMORY_SIZE: String(memoryMiB),
    BITNET_ENGINE: engine,
  });
  const bare: StackConfig = {
    ...config,
    functionUrl: "off",
    functionUrlCallers: [],
    corsOrigins: [],
    concurrencyLimit: undefined,
    provisionedConcurrency: undefined,
    alarmTopicArn: undefined,
  };
  return createDeploymentDependencies(bare, { ...environment, SAVED_PLAN: undefined });
}

async function requireAbsent(bench: DeploymentDependencies): Promise<void> {
  const lines = await inventoryLines(bench);
  if (lines.length === 0) return;
  throw new UserError(
    [
      `${namePrefix(bench.config)} is deployed already; another benchmark is running, or a killed one has left it:`,
      ...lines.map((line) => `  ${line}`),
      `If none is running: ${destroyCommand}`,
    ].join("\n"),
  );
}

/** A run that has its consent. */
interface Run extends RemoteBenchmarkDependencies {
  readonly plan: BenchmarkSettings;
  readonly bench: DeploymentDependencies;
  /** Filled while it runs, so that they are there when it fails halfway. */
  readonly samples: Sample[];
  readonly imageDigests: Set<string>;
}

/** Measures one setup after the other, and writes the report, also of a run that is not whole. */
async function measureAndReport(run: Run): Promise<Ending> {
  const { plan, bench, signal, writeLine, samples, imageDigests } = run;
  const { date, commit } = readMachine(new Date());
  let ending: Ending = "whole";
  try {
    for (const setup of setupsOf(plan)) await measureSetup(run, setup);
  } catch (error) {
    const otherwise = signal.aborted ? "interrupted" : "failed";
    ending = error instanceof BudgetReached ? "stopped" : otherwise;
    writeLine(`${ending}: ${(error as Error).message}`);
    if (ending === "failed") throw error;
  } finally {
    const { config } = bench;
    writeLine(writeReport({ settings: plan, config, date, commit, samples, imageDigests, ending }));
  }
  return ending;
}

/** Failures in a row after which a setup is given up: each may cost its whole time limit. */
const failuresToGiveUp = 3;

/** Pause after a throttled call, in milliseconds. */
const throttlePauseMs = 2000;

/** Deploys a setup, and makes its calls, one at a time, each version's first one cold. */
async function measureSetup(run: Run, setup: Setup): Promise<void> {
  const { plan, bench, signal, writeLine, samples } = run;
  requireBudget(plan, bench.config, setup, samples);
  await deploy(run, setup);
  let failures = 0;
  for (const calls of versionsOf(plan, setup)) {
    const version = await publishVersion(bench.config, samples.length + 1, signal);
    const waiting = [...calls];
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      requireBudget(plan, bench.config, setup, samples);
      const sample = await callVersion(bench, one, version, signal);
      samples.push(sample);
      writeLine(progressLine(run, sample));
      signal.throwIfAborted();
      const { error } = sample;
      // The wrong kind of start is no failure.
      failures = error === undefined || error.startsWith("not") ? 0 : failures + 1;
      if (failures === failuresToGiveUp) {
        return writeLine(`${setupName(setup)} is given up after repeated failures`);
      }
      if (error !== "throttled") continue;
      // It has not reached the version, so it is made again: a cold start stays cold.
      waiting.unshift(one);
      await sleep(throttlePauseMs, undefined, { signal });
    }
  }
}

async function deploy(run: Run, setup: Setup): Promise<void> {
  const { signal, writeLine, imageDigests } = run;
  writeLine(`deploying ${setupName(setup)} …`);
  const deployment = benchDeployment(run, setup);
  await runSteps(deploymentSteps(deployment), writeLine, signal);
  const { image } = await deployment.serviceTerraform.outputs();
  imageDigests.add(String(image).split("@")[1] ?? "unknown");
}

/** `[3/24] 3008 MB llama-cli warm 10 tokens: …; 0.0012 USD so far` */
function progressLine({ plan, samples }: Run, sample: Sample): string {
  const place = `[${samples.length}/${callsOf(plan).length}]`;
  return `${place} ${sampleLine(sample)}; ${spentUsd(samples).toFixed(4)} USD so far`;
}

/** Destroys the environment. @throws UserError with the command that completes it */
async function destroy(
  bench: DeploymentDependencies,
  writeLine: (line: string) => void,
): Promise<void> {
  writeLine(
    `destroying ${namePrefix(bench.config)} now; another Ctrl-C would leave that to ${destroyCommand} …`,
  );
  try {
    await runSteps(destructionSteps(bench), writeLine);
  } catch (error) {
    throw new UserError(
      `${(error as Error).message}\n${resourceName(bench.config, "function")} or its registry IS STILL DEPLOYED: ${destroyCommand}`,
      { cause: error },
    );
  }
  removeLocalState(bench);
}

async function runSteps(
  steps: readonly Step[],
  writeLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    signal?.throwIfAborted();
    writeLine(`  ${await step.run()}`);
  }
}
