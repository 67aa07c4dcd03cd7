import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../model/user-error.ts";
import { runChild } from "../cli/run-command.ts";
import { fillUnknownPolicies } from "./fill-unknown-policies.ts";
import { parseTerraformPlan, type TerraformPlan } from "./terraform-plan.ts";

/** Selects plans. */
export interface PlanSource {
  /** Outputs of `terraform show -json` (`.json`) or saved plans; default: those in `stacksFolder`. */
  readonly named: readonly string[];
  /** Contains a folder for each synthesized stack. */
  readonly stacksFolder: string;
  /** The Terraform program, which reads saved plans. */
  readonly terraform: string;
}

/** Reads the selected plans. @throws UserError if there is none or one cannot be read */
export async function readPlans(source: PlanSource): Promise<TerraformPlan[]> {
  const { named, terraform } = source;
  const paths = named.length > 0 ? named : savedPlans(source.stacksFolder);
  if (paths.length > 0) return Promise.all(paths.map((path) => readPlan(path, terraform)));
  throw new UserError(
    'There is no saved plan: run `make plan`, or name plans: PLANS="a.json b.json" make plan-review',
  );
}

function savedPlans(stacksFolder: string): string[] {
  if (!existsSync(stacksFolder)) return [];
  const paths = readdirSync(stacksFolder).map((stack) => join(stacksFolder, stack, "plan.tfplan"));
  return paths.filter((path) => existsSync(path));
}

/** A saved plan is read by Terraform and completed from the synthesized stack beside it. */
async function readPlan(path: string, terraform: string): Promise<TerraformPlan> {
  if (!existsSync(path)) throw new UserError(`${path} does not exist.`);
  if (path.endsWith(".json")) {
    return parseTerraformPlan(readFileSync(path, "utf8"), basename(path, ".json"));
  }
  const folder = dirname(path);
  const plan = parseTerraformPlan(await shownPlan(path, terraform), basename(folder));
  const stackPath = join(folder, "cdk.tf.json");
  return existsSync(stackPath) ? fillUnknownPolicies(plan, readFileSync(stackPath, "utf8")) : plan;
}

async function shownPlan(path: string, terraform: string): Promise<string> {
  const args = [`-chdir=${dirname(path)}`, "show", "-json", basename(path)];
  const { exitCode, stdout, stderr } = await runChild({ file: terraform, args });
  if (exitCode === 0) return stdout;
  throw new UserError(`${terraform} show -json ${path}: ${stderr.trim()}`);
}
