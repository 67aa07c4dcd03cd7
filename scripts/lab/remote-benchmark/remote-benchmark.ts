import { appendFileSync } from "node:fs";
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
import { type Setup, setupName, setupsOf, versionsOf } from "./benchmark-plan.ts";
import { type Ending, prepareFolder, reportPath, writeReport } from "./benchmark-report.ts";
import { type BenchmarkSettings, parseBenchmarkSettings } from "./benchmark-settings.ts";
import { planText, requireAffordable, spendingOf } from "./cost-estimate.ts";
import { Measurement } from "./measurement.ts";
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

  prepareFolder(settings);
  await bench.requireAbsent(firstSetup(settings));
  if (!settings.isAgreed) {
    await requireConsent(
      {
        question: `Type yes to spend up to ${settings.budgetUsd} USD on it: `,
        agreement: "yes",
        withoutTerminal: "nobody is there to ask: YES=1 make benchmark-remote",
        otherwise: "Nothing was deployed, measured or spent.",
      },
      ask,
    );
  }
  return measureAndDestroy(dependencies, { settings, bench, config });
}

function firstSetup(settings: BenchmarkSettings): Setup {
  const [first] = setupsOf(settings);
  if (first === undefined) throw new RangeError("no setup to measure");
  return first;
}

interface Work {
  readonly settings: BenchmarkSettings;
  readonly bench: BenchEnvironment;
  readonly config: StackConfig;
}

async function measureAndDestroy(
  dependencies: RemoteBenchmarkDependencies,
  work: Work,
): Promise<Ending> {
  const { writeLine, signal, describeRun } = dependencies;
  const { settings, bench, config } = work;
  const imageDigests = new Set<string>();
  const measurement = createMeasurement(dependencies, work, imageDigests);
  let ending: Ending;
  let failure: unknown;
  try {
    ending = await measurement.run();
  } catch (error) {
    failure = error;
    ending = signal.aborted ? "interrupted" : "failed";
  }
  if (ending !== "whole") writeLine(endingLine(ending, failure));
  const { samples, givenUp } = measurement;
  const run = { ...describeRun(), imageDigests, samples, givenUp, ending };
  const path = writeReport({ settings, config, ...run });
  writeLine(path === undefined ? "nothing was written" : `${path}: written`);
  await bench.destroy(firstSetup(settings));
  if (ending === "failed") throw failure;
  return ending;
}

function createMeasurement(
  { createClients, signal, pause, writeLine }: RemoteBenchmarkDependencies,
  { settings, bench, config }: Work,
  imageDigests: Set<string>,
): Measurement {
  const { invoker, control: client } = createClients(config);
  const functionName = resourceName(config, "function");
  const planned = setupsOf(settings).flatMap((setup) => versionsOf(settings, setup).flat()).length;
  const measurement = new Measurement({
    settings,
    config,
    invoker,
    client,
    functionName,
    signal,
    pause,
    deploy: async (setup) => void imageDigests.add(await bench.deploy(setup, signal)),
    onSample(sample) {
      keepRaw(settings, sample);
      const { samples } = measurement;
      const { spentUsd } = spendingOf(samples, config);
      const place = `[${samples.length}/${planned}]`;
      writeLine(`${place} ${sampleLine(sample)}; ${spentUsd.toFixed(4)} USD so far`);
    },
    onGivenUp(setup) {
      writeLine(`${setupName(setup)} is given up after repeated failures`);
    },
  });
  return measurement;
}

/** Appends a raw sample at once: what was paid for survives a killed process. */
function keepRaw({ isRawKept, outputFolder }: BenchmarkSettings, sample: Sample): void {
  if (!isRawKept) return;
  const { detail: _, ...kept } = sample;
  appendFileSync(reportPath(outputFolder, "raw.jsonl"), `${JSON.stringify(kept)}\n`);
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
