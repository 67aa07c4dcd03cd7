import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { type StackKind, stackName } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { type CommandResult, runChild } from "../cli/run-command.ts";
import { terraformAdvice, terraformWords } from "./terraform-failure.ts";
import { programName } from "./terraform-version.ts";

/** Where Terraform runs. */
export interface TerraformOptions {
  /** `terraform`, or `tofu`. */
  readonly program: string;
  /** The synthesized stack's folder. */
  readonly folder: string;
  readonly logFile: string;
  /** Also print Terraform's output while it runs. */
  readonly isShown?: boolean;
}

/** Values of a stack's variables. */
export type Variables = Readonly<Record<string, string>>;

/** Folder of the synthesized stacks. */
export const outputFolder = "cdktf.out";

/** Folder of the logs of Terraform and the image builder. */
export const logFolder = "temp/logs";

/** Name of a saved plan, in the stack's folder. */
export const planFile = "plan.tfplan";

/** Name of a plan after its apply, and of a synthesized stack, in the same folder. */
const appliedPlanFile = "plan.applied.tfplan";
const stackFile = "cdk.tf.json";

/** Shared between stacks, because AWS's provider alone takes 700 MB. */
const pluginFolder = "temp/terraform-plugins";

/** Arguments of the commands that steps name. */
const commands = {
  init: ["init", "-input=false"],
  plan: ["plan", "-input=false", `-out=${planFile}`, "-detailed-exitcode"],
  show: ["show", planFile],
  apply: ["apply", "-input=false", planFile],
  destroy: ["destroy", "-input=false", "-auto-approve"],
} as const;

/** Exit code of `plan -detailed-exitcode` when the plan has changes. */
const hasChangesCode = 2;

/** A plan in its folder, saved or already applied. */
export interface SavedPlan {
  readonly isApplied: boolean;
  readonly hasChanges: boolean;
  /** The variables that it was made with. */
  readonly variables: Variables;
}

const backendSchema = z.object({ terraform: z.object({ backend: z.unknown() }) });
const valuesSchema = z.record(z.string(), z.object({ value: z.unknown() }));
const plannedSchema = z.object({ actions: z.array(z.string()) });

/** The fields in use of `terraform show -json`. */
const savedPlanSchema = z.object({
  variables: valuesSchema.nullish(),
  resource_changes: z.array(z.object({ change: plannedSchema })).nullish(),
  output_changes: z.record(z.string(), plannedSchema).nullish(),
});

/** The folder of a synthesized stack. */
export function stackFolder(config: StackConfig, kind: StackKind): string {
  return join(outputFolder, "stacks", stackName(config, kind));
}

/** Terraform in one folder. Every method throws a UserError with Terraform's words. */
export class Terraform {
  readonly #options: TerraformOptions;
  /** Those of the newest plan, for messages. */
  #variables: Variables = {};

  constructor(options: TerraformOptions) {
    this.#options = options;
  }

  /** What a command runs, for `DRY_RUN=1`. */
  commandLine(command: keyof typeof commands, variables: Variables = {}): string {
    const { program, folder } = this.#options;
    const args = [`-chdir=${folder}`, ...commands[command], ...variableFlags(variables)];
    return [program, ...args].join(" ");
  }

  async init(): Promise<void> {
    await this.#run(commands.init);
  }

  /** Saves a plan; returns whether it has changes. */
  async plan(variables: Variables = {}): Promise<boolean> {
    this.removePlan();
    this.#variables = variables;
    const args = [...commands.plan, ...variableFlags(variables)];
    const { exitCode } = await this.#run(args, [0, hasChangesCode]);
    return exitCode === hasChangesCode;
  }

  /** The saved plan in Terraform's words. */
  async show(): Promise<string> {
    return (await this.#run(commands.show)).stdout;
  }

  /** The plan in the folder, if there is one. */
  async savedPlan(): Promise<SavedPlan | undefined> {
    const file = [planFile, appliedPlanFile].find((name) => existsSync(this.#pathOf(name)));
    if (file === undefined) return undefined;
    const { stdout } = await this.#run(["show", "-json", file]);
    const plan = savedPlanSchema.parse(JSON.parse(stdout));
    const changes = [
      ...(plan.resource_changes ?? []).map(({ change }) => change),
      ...Object.values(plan.output_changes ?? {}),
    ];
    this.#variables = mapValues(plan.variables ?? {}, ({ value }) => String(value));
    return {
      isApplied: file === appliedPlanFile,
      hasChanges: changes.some(({ actions }) => !["no-op", "read"].includes(actions.join())),
      variables: this.#variables,
    };
  }

  /** Removes the plan in the folder, so that nothing takes it for that of the next run. */
  removePlan(): void {
    for (const name of [planFile, appliedPlanFile]) rmSync(this.#pathOf(name), { force: true });
  }

  /** Applies the saved plan, which cannot be applied again. */
  async applyPlan(): Promise<void> {
    await this.#run(commands.apply);
    renameSync(this.#pathOf(planFile), this.#pathOf(appliedPlanFile));
  }

  /** Addresses of everything in the state; empty when nothing was ever created. */
  async resources(): Promise<string[]> {
    const { stdout, stderr, exitCode } = await this.#run(["state", "list"], [0, 1]);
    if (exitCode === 0) return stdout.split("\n").filter((line) => line !== "");
    if (stderr.includes("No state file was found")) return [];
    throw this.#failure("state list", stderr);
  }

  /** The state's outputs by name; empty when nothing was ever created. */
  async outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await this.#run(["output", "-json"]);
    return mapValues(valuesSchema.parse(JSON.parse(stdout)), ({ value }) => value);
  }

  /**
   * The state's outputs, read from a folder with nothing but the stack's backend: there Terraform
   * needs no provider, which takes long to download.
   */
  async outputsWithoutProvider(): Promise<Record<string, unknown>> {
    const { folder } = this.#options;
    const stack = backendSchema.parse(JSON.parse(readFileSync(this.#pathOf(stackFile), "utf8")));
    // As deep as the stack's folder, because the path of a local state is relative to it.
    const stateFolder = join(folder, "../../states", basename(folder));
    mkdirSync(stateFolder, { recursive: true });
    writeFileSync(join(stateFolder, stackFile), JSON.stringify(stack));
    const state = new Terraform({ ...this.#options, folder: stateFolder });
    await state.#run([...commands.init, "-reconfigure"]);
    return state.outputs();
  }

  async destroy(variables: Variables = {}): Promise<void> {
    await this.#run([...commands.destroy, ...variableFlags(variables)]);
  }

  #pathOf(name: string): string {
    return join(this.#options.folder, name);
  }

  async #run(args: readonly string[], expected: readonly number[] = [0]): Promise<CommandResult> {
    const { program: file, folder, ...output } = this.#options;
    mkdirSync(pluginFolder, { recursive: true });
    const environment = terraformEnvironment();
    const result = await runChild({
      file,
      args: [`-chdir=${folder}`, ...args],
      environment,
      ...output,
    });
    if (expected.includes(result.exitCode)) return result;
    throw this.#failure(args[0] ?? "", result.stderr);
  }

  #failure(command: string, stderr: string): UserError {
    const { program, folder, logFile } = this.#options;
    const words = terraformWords(stderr);
    const lines = [
      `${program} ${command} failed:`,
      words.split("\n").slice(-25).join("\n"),
      terraformAdvice(words, {
        name: programName(program),
        inFolder: `${program} -chdir=${folder}`,
        variables: variableFlags(this.#variables),
      }),
      `Whole output: ${logFile}`,
    ];
    return new UserError(lines.filter((line) => line !== "").join("\n"));
  }
}

function mapValues<From, To>(values: Record<string, From>, map: (value: From) => To) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

function terraformEnvironment(): Record<string, string> {
  return {
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
    TF_CLI_ARGS: [process.env.TF_CLI_ARGS, "-no-color"].filter(Boolean).join(" "),
    TF_PLUGIN_CACHE_DIR: process.env.TF_PLUGIN_CACHE_DIR || resolve(pluginFolder),
    // Terraform uses the cache only with a lock file otherwise, and the stacks' folders are generated.
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
  };
}

function variableFlags(variables: Variables): string[] {
  return Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`);
}
