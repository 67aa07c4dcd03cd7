import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../model/user-error.ts";
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
export function readPlans({ named, stacksFolder, terraform }: PlanSource): TerraformPlan[] {
  const paths = named.length > 0 ? named : savedPlans(stacksFolder);
  if (paths.length > 0) return paths.map((path) => readPlan(path, terraform));
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
function readPlan(path: string, terraform: string): TerraformPlan {
  if (!existsSync(path)) throw new UserError(`${path} does not exist.`);
  if (path.endsWith(".json")) {
    return parseTerraformPlan(readFileSync(path, "utf8"), basename(path, ".json"));
  }
  const folder = dirname(path);
  const plan = parseTerraformPlan(shownPlan(path, terraform), basename(folder));
  const stackPath = join(folder, "cdk.tf.json");
  return existsSync(stackPath) ? fillUnknownPolicies(plan, readFileSync(stackPath, "utf8")) : plan;
}

function shownPlan(path: string, terraform: string): string {
  try {
    return execFileSync(terraform, [`-chdir=${dirname(path)}`, "show", "-json", basename(path)], {
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string | null; message: string };
    throw new UserError(`${terraform} show -json ${path}: ${stderr?.trim() || message}`, {
      cause: error,
    });
  }
}
