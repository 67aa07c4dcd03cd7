import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { awsFailure } from "../../deploy/aws-failure.ts";
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
import type { Budget } from "./budget.ts";
import { worstCaseUsd } from "./cost-estimate.ts";
import { publishVersion, type VersionDependencies } from "./function-versions.ts";
import { isFailure, type Outcome, refusalOf, type Sample, sampleOf } from "./sample.ts";

/** Dependencies of a {@link Measurement}. */
interface MeasurementDependencies extends VersionDependencies {
  readonly settings: BenchmarkSettings;
  readonly config: Pick<StackConfig, "architecture" | "timeoutSeconds">;
  /** Invokes once, without retries, and waits as long as the function may run. */
  readonly invoker: LambdaClient;
  readonly budget: Budget;
  /** Deploys a setup. */
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
      this.#failures = 0;
      for (const cases of versionsOf(settings, setup)) {
        if (this.#isGivenUp) break;
        if (!(await this.#measureVersion(setup, cases))) return "budget";
      }
    }
    return "whole";
  }

  /** Calls a new version: cold first, then warm. False when the budget does not allow a call. */
  async #measureVersion(setup: Setup, cases: readonly Case[]): Promise<boolean> {
    const { signal, onGivenUp } = this.#dependencies;
    signal.throwIfAborted();
    const version = await this.#publish(setup);
    for (const [index, one] of cases.entries()) {
      signal.throwIfAborted();
      if (!this.#canAfford(one)) return false;
      await this.#sample(one, version, index + 1);
      if (!this.#isGivenUp) continue;
      onGivenUp(setup);
      break;
    }
    return true;
  }

  async #publish(setup: Setup): Promise<string> {
    this.#published++;
    return publishVersion(
      this.#dependencies,
      `make benchmark-remote #${this.#published} ${setupName(setup)}`,
    );
  }

  /** A throttled call has not reached the version, so it is made again: a cold start stays cold. */
  async #sample(one: Case, version: string, call: number): Promise<void> {
    const { config, budget, pause, signal, onSample } = this.#dependencies;
    const place = { ...one, architecture: config.architecture, version, call };
    for (let pauseMs = throttlePauseMs; ; pauseMs *= 2) {
      const sample = sampleOf(place, await this.#invoke(one, version));
      budget.spend(sample.costUsd, worstCaseUsd(config, one.memoryMiB));
      onSample(sample);
      this.#failures = isFailure(sample.error) ? this.#failures + 1 : 0;
      if (sample.error !== "throttle" || this.#isGivenUp) return;
      await pause(pauseMs, signal);
    }
  }

  async #invoke({ tokensAsked }: Case, version: string): Promise<Outcome> {
    const { invoker: client, functionName, signal } = this.#dependencies;
    const event = benchmarkRequest(tokensAsked);
    try {
      const call = { client, functionName, qualifier: version, event, signal };
      return { kind: "answered", answer: await invokeFunction(call) };
    } catch (error) {
      if (signal.aborted) return { kind: "failed", error: "interrupted", detail: "" };
      const refusal = refusalOf(error);
      if (refusal === undefined) throw awsFailure(`invoking ${functionName}:${version}`, error);
      return refusal;
    }
  }

  get #isGivenUp(): boolean {
    return this.#failures >= failuresToGiveUp;
  }

  #canAfford({ memoryMiB }: Setup): boolean {
    const { budget, config } = this.#dependencies;
    return budget.allows(worstCaseUsd(config, memoryMiB));
  }
}
