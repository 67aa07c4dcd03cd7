import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { type ChildResult, runChild } from "../cli/child-command.ts";
import { terraformAdvice } from "./terraform-failure.ts";

/** Where Terraform runs. */
export interface TerraformOptions {
  /** `terraform`, or `tofu`. */
  readonly program: string;
  /** The synthesized stack's folder. */
  readonly folder: string;
  readonly logFile: string;
}

/** Terraform on one stack. Every method throws a UserError with Terraform's words. */
export interface Terraform {
  init(): Promise<void>;
  /** Saves a plan; whether it would change anything. */
  plan(variables?: Variables): Promise<boolean>;
  /** The saved plan in Terraform's words. */
  show(): Promise<string>;
  applyPlan(): Promise<void>;
  /** Addresses of everything in the state; none when nothing was ever made. */
  resources(): Promise<string[]>;
  /** What the state tells; nothing when nothing was ever made. */
  outputs(): Promise<Record<string, unknown>>;
  destroy(variables?: Variables): Promise<void>;
}

type Variables = Readonly<Record<string, string>>;

/** Name of a saved plan, in the stack's folder. */
export const planFile = "plan.tfplan";

/** Providers are kept here between stacks: AWS's has 700 MB. */
const pluginFolder = "temp/terraform-plugins";

/** Exit code of `plan -detailed-exitcode` when there is something to do. */
const hasChangesCode = 2;

const outputsSchema = z.record(z.string(), z.object({ value: z.unknown() }));

/** Terraform in a folder. */
export function createTerraform(options: TerraformOptions): Terraform {
  const run = (parts: readonly string[], expected?: readonly number[]) =>
    runTerraform(options, parts, expected);
  return {
    async init() {
      mkdirSync(pluginFolder, { recursive: true });
      await run(["init", "-input=false"]);
    },
    async plan(variables) {
      const parts = ["-input=false", `-out=${planFile}`, "-detailed-exitcode"];
      const { exitCode } = await run(
        ["plan", ...parts, ...variableFlags(variables)],
        [0, hasChangesCode],
      );
      return exitCode === hasChangesCode;
    },
    async show() {
      return (await run(["show", planFile])).stdout;
    },
    async applyPlan() {
      await run(["apply", "-input=false", planFile]);
    },
    async resources() {
      const { stdout, stderr, exitCode } = await run(["state", "list"], [0, 1]);
      if (exitCode === 0) return stdout.split("\n").filter((line) => line !== "");
      if (stderr.includes("No state file was found")) return [];
      throw terraformFailure(options, "state list", stderr);
    },
    async outputs() {
      const { stdout } = await run(["output", "-json"]);
      const outputs = Object.entries(outputsSchema.parse(JSON.parse(stdout)));
      return Object.fromEntries(outputs.map(([name, { value }]) => [name, value]));
    },
    async destroy(variables) {
      await run(["destroy", "-input=false", "-auto-approve", ...variableFlags(variables)]);
    },
  };
}

function variableFlags(variables: Variables = {}): string[] {
  return Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`);
}

async function runTerraform(
  options: TerraformOptions,
  parts: readonly string[],
  expected: readonly number[] = [0],
): Promise<ChildResult> {
  const { program, folder, logFile } = options;
  const result = await runChild({
    program,
    arguments: [`-chdir=${folder}`, ...parts],
    logFile,
    isShown: Boolean(process.env.VERBOSE),
    environment: {
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
      TF_CLI_ARGS: [process.env.TF_CLI_ARGS, "-no-color"].filter(Boolean).join(" "),
      TF_PLUGIN_CACHE_DIR: process.env.TF_PLUGIN_CACHE_DIR || resolve(pluginFolder),
      // The cache is used only with a lock file otherwise, and ours lie in a generated folder.
      TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
    },
  });
  if (expected.includes(result.exitCode)) return result;
  throw terraformFailure(options, parts[0] ?? "", result.stderr);
}

function terraformFailure(
  { program, folder, logFile }: TerraformOptions,
  command: string,
  stderr: string,
): UserError {
  const lines = [
    `${program} ${command} failed:`,
    stderr.trim().split("\n").slice(-25).join("\n"),
    terraformAdvice(stderr, folder),
    `Whole output: ${logFile}`,
  ];
  return new UserError(lines.filter((line) => line !== "").join("\n"));
}
