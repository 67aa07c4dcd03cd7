import type { LambdaClient } from "@aws-sdk/client-lambda";
import { resourceName } from "../../../stacks/resource-names.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { isReason } from "../../cli/command-line.ts";
import { type Ask, requireConsent } from "../../cli/consent.ts";
import {
  BenchEnvironment,
  type BenchEnvironmentDependencies,
  destroyCommand,
} from "./bench-environment.ts";
import { plannedCalls, type Setup, setupName, setupsOf } from "./benchmark-plan.ts";
import type { Ending } from "./benchmark-report.ts";
import { type BenchmarkSettings, parseBenchmarkSettings } from "./benchmark-settings.ts";
import { Budget } from "./budget.ts";
import { Measurement } from "./measurement.ts";
import { planText, requireAffordable } from "./plan-text.ts";
import { ReportFiles } from "./report-files.ts";
import { type Sample, sampleLine } from "./sample.ts";

/** Dependencies of the command; the signal is aborted by Ctrl-C. */
export interface RemoteBenchmarkDependencies extends BenchEnvironmentDependencies {
  /** `invoker` makes each call once and waits for the time limit; `control` retries. */
  readonly createClients: (config: StackConfig) => {
    readonly invoker: LambdaClient;
    readonly control: LambdaClient;
  };
  readonly signal: AbortSignal;
  /** Waits; rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** `undefined` without a terminal. */
  readonly ask: Ask | undefined;
  /** Date and commit, for the report. */
  readonly describeRun: () => { readonly date: string; readonly commit: string };
}

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
  const { environment, writeLine, ask } = dependencies;
  const settings = parseBenchmarkSettings(environment);
  const bench = new BenchEnvironment(dependencies);
  const config = bench.config(firstSetup(settings));
  writeLine(planText(settings, config));
  requireAffordable(settings, config);
  if (settings.isDryRun) return undefined;

  const files = new ReportFiles(settings.outputFolder, settings.isRawKept);
  await bench.requireAbsent(firstSetup(settings));
  if (!settings.isAgreed) await requireAgreement(settings.budgetUsd, ask);
  return measureAndDestroy(dependencies, { settings, bench, config, files });
}

function firstSetup(settings: BenchmarkSettings): Setup {
  const [first] = setupsOf(settings);
  if (first === undefined) throw new RangeError("no setup to measure");
  return first;
}

function requireAgreement(budgetUsd: number, ask: Ask | undefined): Promise<void> {
  return requireConsent(
    {
      question: `Type yes to spend up to ${budgetUsd} USD on it: `,
      agreement: "yes",
      withoutTerminal: "nobody is there to ask: YES=1 make benchmark-remote",
      otherwise: "Nothing was deployed, measured or spent.",
    },
    ask,
  );
}

interface Work {
  readonly settings: BenchmarkSettings;
  readonly bench: BenchEnvironment;
  readonly config: StackConfig;
  readonly files: ReportFiles;
}

async function measureAndDestroy(
  dependencies: RemoteBenchmarkDependencies,
  work: Work,
): Promise<Ending> {
  const { writeLine, signal, describeRun } = dependencies;
  const { settings, bench, config, files } = work;
  const found = noFindings(settings);
  let ending: Ending;
  let failure: unknown;
  try {
    ending = await createMeasurement(dependencies, work, found).run();
  } catch (error) {
    failure = error;
    ending = signal.aborted ? "interrupted" : "failed";
  }
  if (ending !== "whole") writeLine(endingLine(ending, failure));
  const path = files.finish({ settings, config, ...describeRun(), ending, ...found });
  writeLine(path === undefined ? "nothing was written" : `${path}: written`);
  await bench.destroy(firstSetup(settings));
  if (ending === "failed") throw failure;
  return ending;
}

/** What a measurement finds, kept when it fails halfway. */
function noFindings({ budgetUsd }: BenchmarkSettings) {
  const samples: Sample[] = [];
  const givenUp: Setup[] = [];
  return { samples, givenUp, imageDigests: new Set<string>(), budget: new Budget(budgetUsd) };
}

function createMeasurement(
  { createClients, signal, pause, writeLine }: RemoteBenchmarkDependencies,
  { settings, bench, config, files }: Work,
  { samples, givenUp, imageDigests, budget }: ReturnType<typeof noFindings>,
): Measurement {
  const { invoker, control } = createClients(config);
  const planned = plannedCalls(settings);
  return new Measurement({
    settings,
    config,
    invoker,
    client: control,
    functionName: resourceName(config, "function"),
    budget,
    signal,
    pause,
    deploy: async (setup) => void imageDigests.add(await bench.deploy(setup, signal)),
    onSample(sample) {
      samples.push(sample);
      files.add(sample);
      const place = `[${samples.length}/${planned}]`;
      writeLine(`${place} ${sampleLine(sample)}; ${budget.spentUsd.toFixed(4)} USD so far`);
    },
    onGivenUp(setup) {
      givenUp.push(setup);
      writeLine(`${setupName(setup)} is given up after repeated failures`);
    },
  });
}

function endingLine(ending: Exclude<Ending, "whole">, failure: unknown): string {
  const reason = isReason(failure) ? failure.message : String(failure);
  const lines = {
    budget: "stopped: the next call could exceed BUDGET_USD",
    interrupted: `interrupted: the environment is destroyed now; a second Ctrl-C leaves that to ${destroyCommand}`,
    failed: `failed, and the environment is destroyed now: ${reason}`,
  };
  return lines[ending];
}
