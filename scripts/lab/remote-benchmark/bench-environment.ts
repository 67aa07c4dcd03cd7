import { UserError } from "../../../model/user-error.ts";
import type { Environment } from "../../../runtime/variables.ts";
import { namePrefix, resourceName } from "../../../stacks/resource-names.ts";
import type { Settings, StackConfig } from "../../../stacks/settings-schema.ts";
import { parseStackConfig } from "../../../stacks/stack-config.ts";
import type { Step } from "../../cli/steps.ts";
import { deploymentSteps } from "../../deploy/deployment.ts";
import { createDeploymentDependencies } from "../../deploy/deployment-dependencies.ts";
import {
  destructionSteps,
  inventoryLines,
  removeLocalState,
  takeInventory,
} from "../../deploy/destruction.ts";
import { type Setup, setupName } from "./benchmark-plan.ts";

const benchSuffix = "bench";

/** Destroys what a killed run has left. */
export const destroyCommand = `ENV_SUFFIX=${benchSuffix} make destroy`;

/** Dependencies of a {@link BenchEnvironment}. */
export interface BenchEnvironmentDependencies {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly writeLine: (line: string) => void;
}

/**
 * The environment that is measured: the settings of `make deploy` under a suffix of its own. It has
 * no URL, sends no alarms and reserves no concurrency, none of which a direct call meets.
 */
export class BenchEnvironment {
  readonly #dependencies: BenchEnvironmentDependencies;

  /** @throws UserError when the configured environment has the benchmark's suffix itself */
  constructor(dependencies: BenchEnvironmentDependencies) {
    this.#dependencies = dependencies;
    const { settings, environment } = dependencies;
    const configured = environment.ENV_SUFFIX || settings.environmentSuffix;
    if (configured !== benchSuffix) return;
    throw new UserError(
      `ENV_SUFFIX=${benchSuffix}: the benchmark would change and destroy this environment; leave ENV_SUFFIX as the deployed function has it. To remove what a killed run has left: ${destroyCommand}`,
    );
  }

  /** The configuration of one setup. @throws AppError `config-invalid` */
  config({ memoryMiB, engine }: Setup): StackConfig {
    const { settings, environment } = this.#dependencies;
    const config = parseStackConfig(settings, {
      ...environment,
      ENV_SUFFIX: benchSuffix,
      LAMBDA_MEMORY_SIZE: String(memoryMiB),
      BITNET_ENGINE: engine,
    });
    return {
      ...config,
      functionUrl: "off",
      functionUrlCallers: [],
      corsOrigins: [],
      concurrencyLimit: undefined,
      provisionedConcurrency: undefined,
      alarmTopicArn: undefined,
    };
  }

  /** @throws UserError when something of the environment is in the account already */
  async requireAbsent(setup: Setup): Promise<void> {
    const parts = this.#parts(setup);
    const lines = inventoryLines(parts, await takeInventory(parts));
    if (lines.length === 0) return;
    throw new UserError(
      [
        `${namePrefix(parts.config)} is deployed already; another benchmark is running, or a killed one has left it:`,
        ...lines.map((line) => `  ${line}`),
        `If none is running: ${destroyCommand}`,
      ].join("\n"),
    );
  }

  /** Deploys a setup as `make deploy` does; returns its image's digest. @throws UserError */
  async deploy(setup: Setup, signal: AbortSignal): Promise<string> {
    const parts = this.#parts(setup);
    this.#dependencies.writeLine(`deploying ${setupName(setup)} …`);
    await this.#run(deploymentSteps(parts), signal);
    const { image } = await parts.serviceTerraform.outputs();
    return String(image).split("@")[1] ?? "unknown";
  }

  /** Destroys the environment. @throws UserError with the command that completes it */
  async destroy(setup: Setup): Promise<void> {
    const parts = this.#parts(setup);
    this.#dependencies.writeLine(`destroying ${namePrefix(parts.config)} …`);
    try {
      await this.#run(destructionSteps(parts), new AbortController().signal);
    } catch (error) {
      throw new UserError(
        `${(error as Error).message}\n${resourceName(parts.config, "function")} or its registry IS STILL DEPLOYED: ${destroyCommand}`,
        { cause: error },
      );
    }
    removeLocalState(parts);
  }

  #parts(setup: Setup) {
    const environment = { ...this.#dependencies.environment, SAVED_PLAN: undefined };
    return createDeploymentDependencies(this.config(setup), environment);
  }

  async #run(steps: readonly Step[], signal: AbortSignal): Promise<void> {
    for (const step of steps) {
      signal.throwIfAborted();
      this.#dependencies.writeLine(`  ${await step.run()}`);
    }
  }
}
