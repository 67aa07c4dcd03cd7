import {
  type LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { askAws, awsFailure } from "../../deploy/aws-failure.ts";
import { invokeFunction } from "../../remote/invoke-function.ts";
import {
  benchmarkRequest,
  type Case,
  type Setup,
  setupName,
  setupsOf,
  versionsOf,
} from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";
import { spendingOf, worstCaseUsd } from "./cost-estimate.ts";
import { answeredSample, failedSample, isFailure, refusalKind, type Sample } from "./sample.ts";

/** The function whose versions are published and called. */
interface MeasuredFunction {
  /** Should retry what AWS throttles. */
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly signal: AbortSignal;
}

interface MeasurementDependencies extends MeasuredFunction {
  readonly settings: BenchmarkSettings;
  readonly config: Pick<StackConfig, "architecture" | "timeoutSeconds">;
  /** Invokes once, without retries, and waits as long as the function may run. */
  readonly invoker: LambdaClient;
  readonly deploy: (setup: Setup) => Promise<void>;
  /** Waits; rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onSample: (sample: Sample) => void;
  /** Called when a setup has failed too often to go on with it. */
  readonly onGivenUp: (setup: Setup) => void;
}

/** Failures in a row after which a setup is given up: each may cost its whole time limit. */
const failuresToGiveUp = 3;

/** Pause after the first throttled call in milliseconds; doubled for each further one in a row. */
const throttlePauseMs = 2000;

/** Measures one setup after the other, one invocation at a time. */
export class Measurement {
  /** What was found, also when the run fails halfway. */
  readonly samples: Sample[] = [];
  readonly givenUp: Setup[] = [];
  readonly #dependencies: MeasurementDependencies;
  #published = 0;
  #failures = 0;

  constructor(dependencies: MeasurementDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * @returns `budget` when it stopped before a call that could exceed the budget
   * @throws the signal's reason when interrupted, UserError when AWS refuses something
   */
  async run(): Promise<"whole" | "budget"> {
    const { settings, deploy } = this.#dependencies;
    for (const setup of setupsOf(settings)) {
      if (!this.#canAfford(setup)) return "budget";
      await deploy(setup);
      if (!(await this.#measureSetup(setup))) return "budget";
    }
    return "whole";
  }

  /** Calls each version cold first, then warm. False when the budget does not allow a call. */
  async #measureSetup(setup: Setup): Promise<boolean> {
    const { settings, signal } = this.#dependencies;
    this.#failures = 0;
    for (const cases of versionsOf(settings, setup)) {
      signal.throwIfAborted();
      const description = `make benchmark-remote #${++this.#published} ${setupName(setup)}`;
      const version = await publishVersion(this.#dependencies, description);
      for (const [index, one] of cases.entries()) {
        signal.throwIfAborted();
        if (!this.#canAfford(setup)) return false;
        await this.#measure(one, version, index + 1);
        if (!this.#isGivenUp) continue;
        this.givenUp.push(setup);
        this.#dependencies.onGivenUp(setup);
        return true;
      }
    }
    return true;
  }

  /** A throttled call has not reached the version, so it is made again: a cold start stays cold. */
  async #measure(one: Case, version: string, call: number): Promise<void> {
    const { pause, signal, onSample } = this.#dependencies;
    for (let pauseMs = throttlePauseMs; ; pauseMs *= 2) {
      const sample = await this.#invoke(one, version, call);
      this.samples.push(sample);
      onSample(sample);
      this.#failures = isFailure(sample.error) ? this.#failures + 1 : 0;
      if (sample.error !== "throttle" || this.#isGivenUp) return;
      await pause(pauseMs, signal);
    }
  }

  async #invoke(one: Case, version: string, call: number): Promise<Sample> {
    const { config, invoker: client, functionName, signal } = this.#dependencies;
    const place = { ...one, architecture: config.architecture, version, call };
    const event = benchmarkRequest(one.tokensAsked);
    try {
      const invocation = { client, functionName, qualifier: version, event, signal };
      return answeredSample(place, await invokeFunction(invocation));
    } catch (error) {
      if (signal.aborted) return failedSample(place, "interrupted");
      const kind = refusalKind(error);
      if (kind === undefined) throw awsFailure(`invoking ${functionName}:${version}`, error);
      return failedSample(place, kind, (error as Error).message);
    }
  }

  get #isGivenUp(): boolean {
    return this.#failures >= failuresToGiveUp;
  }

  #canAfford({ memoryMiB }: Setup): boolean {
    const { settings, config } = this.#dependencies;
    const { spentUsd } = spendingOf(this.samples, config);
    return spentUsd + worstCaseUsd(config, memoryMiB) <= settings.budgetUsd;
  }
}

/** Seconds to wait for a change, and for a version of a container image, with SnapStart above all. */
const waitSeconds = { update: 5 * 60, publish: 15 * 60 } as const;

/**
 * Publishes a version and waits until it can be invoked: its first invocation is a cold start.
 *
 * @param description differs from the version before; AWS publishes nothing without a change
 * @returns the version's number
 * @throws UserError with AWS's reason
 */
export async function publishVersion(
  { client, functionName, signal }: MeasuredFunction,
  description: string,
): Promise<string> {
  const named = { FunctionName: functionName };
  const waiter = { client, abortSignal: signal, minDelay: 1, maxDelay: 5 };
  return askAws(`publishing a version of ${functionName}`, async () => {
    const change = { ...named, Description: description };
    await client.send(new UpdateFunctionConfigurationCommand(change));
    await waitUntilFunctionUpdatedV2({ ...waiter, maxWaitTime: waitSeconds.update }, named);
    const { Version = "" } = await client.send(new PublishVersionCommand(named));
    const published = { ...named, Qualifier: Version };
    await waitUntilPublishedVersionActive(
      { ...waiter, maxWaitTime: waitSeconds.publish },
      published,
    );
    return Version;
  });
}
