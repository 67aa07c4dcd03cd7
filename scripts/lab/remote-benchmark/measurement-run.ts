import type { LambdaClient } from "@aws-sdk/client-lambda";
import { UserError } from "../../../model/user-error.ts";
import type { environmentSchema } from "../../../runtime/config.ts";
import { awsFailure } from "../../deploy/aws-failure.ts";
import { invokeFunction } from "../../remote/invoke-function.ts";
import { type Case, type Setup, setupName, spareSamples, wantedSamples } from "./benchmark-plan.ts";
import { benchmarkRequest } from "./benchmark-request.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";
import type { Budget } from "./budget.ts";
import { worstCaseUsd } from "./cost-estimate.ts";
import type { FunctionControl } from "./function-control.ts";
import type { Changeable, FunctionState } from "./function-state.ts";
import { runMark } from "./restore-function.ts";
import { isFailure, type Outcome, refusalOf, type Sample, sampleOf } from "./sample.ts";
import type { Waiting } from "./waiting.ts";

/** What a measurement stands on. */
export interface Measurement extends Waiting {
  readonly settings: BenchmarkSettings;
  readonly client: LambdaClient;
  readonly control: FunctionControl;
  /** `$LATEST` as it is before. */
  readonly original: FunctionState;
  readonly runId: string;
  readonly budget: Budget;
  /** Told before a version is made, which may take a minute. */
  readonly onPublish: (setup: Setup) => void;
  readonly onSample: (sample: Sample) => void;
  /** Told when a setup has failed so often that it is not tried any more. */
  readonly onGivenUp: (setup: Setup) => void;
}

/** Failures one behind the other after which a setup is given up: each may cost its whole time. */
const failuresToGiveUp = 3;

/** Longest time to wait after a refusal, in milliseconds; it begins with a second. */
const longestThrottleMs = 30_000;

/** A measurement under way. */
export interface MeasurementRun {
  isGivenUp(setup: Setup): boolean;
  canAfford(setup: Setup): boolean;
  /** Sets the function up and publishes it; the version's number. */
  publish(setup: Setup): Promise<string>;
  sample(one: Case, version: string, call: number): Promise<Sample>;
  /** Whether a sample of this case may be asked for once more. */
  takeSpare(one: Case): boolean;
}

/** A measurement that has made nothing yet. */
export function openRun(measurement: Measurement): MeasurementRun {
  const { settings, control, original, budget, clock, signal } = measurement;
  const failures = new Map<string, number>();
  const spares = new Map<string, number>();
  let latest: Changeable = original;
  let published = 0;
  const failuresOf = (setup: Setup) => failures.get(setupName(setup)) ?? 0;
  const isGivenUp = (setup: Setup) => failuresOf(setup) >= failuresToGiveUp;

  return {
    isGivenUp,
    canAfford: ({ memoryMiB }) => budget.allows(worstCaseUsd(original, memoryMiB)),
    async publish(setup) {
      published++;
      measurement.onPublish(setup);
      const description = `${runMark(measurement.runId)}#${published} ${setupName(setup)}`;
      const variables = { ...original.variables, [engineVariable]: setup.engine };
      const next = { memoryMiB: setup.memoryMiB, description, variables };
      await control.change(latest, next).catch(tellOfMemory(setup));
      latest = next;
      return control.publish(next);
    },
    async sample(one, version, call) {
      const outcome = await invoke(measurement, one, version);
      const sample = sampleOf(
        { ...one, architecture: original.architecture, version, call },
        outcome,
      );
      budget.spend(sample.costUsd, worstCaseUsd(original, one.memoryMiB));
      measurement.onSample(sample);
      failures.set(setupName(one), isFailure(sample.error) ? failuresOf(one) + 1 : 0);
      if (isGivenUp(one)) measurement.onGivenUp(one);
      else if (sample.error === "throttle") {
        await clock.sleep(Math.min(longestThrottleMs, 1000 * 2 ** failuresOf(one)), signal);
      }
      return sample;
    },
    takeSpare(one) {
      const name = `${setupName(one)} ${one.start} ${one.tokensAsked}`;
      const left = spares.get(name) ?? spareSamples(wantedSamples(settings, one.start));
      spares.set(name, left - 1);
      return left > 0;
    },
  };
}

/** The variable that chooses the engine; all others stay as they are. */
const engineVariable = "BITNET_ENGINE" satisfies keyof typeof environmentSchema.shape;

/** Largest memory sizes come first, so this is told before anything is spent. */
function tellOfMemory({ memoryMiB }: Setup) {
  return (error: unknown): never => {
    if (!(error instanceof UserError) || !/MemorySize/.test(error.message)) throw error;
    throw new UserError(
      `${error.message}\n  this account may not have functions of ${memoryMiB} MB: leave it out of MEMORY_SIZES, or ask AWS for a higher quota`,
      { cause: error },
    );
  };
}

async function invoke(
  { client, original, signal }: Measurement,
  { tokensAsked }: Case,
  version: string,
): Promise<Outcome> {
  const event = benchmarkRequest(tokensAsked);
  try {
    const answer = await invokeFunction({
      client,
      functionName: original.name,
      qualifier: version,
      event,
      signal,
    });
    return { kind: "answered", answer };
  } catch (error) {
    if (signal.aborted) return { kind: "failed", error: "interrupted", detail: "" };
    const refusal = refusalOf(error);
    if (refusal === undefined) throw awsFailure(`invoking ${original.name}:${version}`, error);
    return refusal;
  }
}
