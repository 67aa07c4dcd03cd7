import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseTerraformPlan, type TerraformPlan } from "../../scripts/review/terraform-plan.ts";

/** The folder of plans as `terraform show -json` prints them; see the README there. */
export const plansFolder = join(import.meta.dirname, "../fixtures/plans");

/** The text of a plan by its name. */
export function planText(name: string): string {
  return readFileSync(join(plansFolder, `${name}.json`), "utf8");
}

/** A plan by its name, which is also its stack's. */
export function recordedPlan(name: string): TerraformPlan {
  return parseTerraformPlan(planText(name), name);
}
