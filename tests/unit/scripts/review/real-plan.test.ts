import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPlans } from "../../../../scripts/review/read-plans.ts";
import { reviewMarkdown } from "../../../../scripts/review/review-markdown.ts";
import { reviewPlans } from "../../../../scripts/review/review-plans.ts";
import { plansFolder, recordedPlan } from "../../../helpers/recorded-plan.ts";

// Compares the recorded plan with one by the installed Terraform, for a stack without a provider.
// Skipped with a message where Terraform is not installed.

const stacksFolder = mkdtempSync(join(tmpdir(), "real-plan-"));
const stack = join(stacksFolder, "terraform-data");
afterAll(() => rmSync(stacksFolder, { recursive: true }));

function terraform(...rest: string[]) {
  return spawnSync("terraform", [`-chdir=${stack}`, ...rest], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: stacksFolder, CHECKPOINT_DISABLE: "1" },
  });
}

/** The review of a plan by the installed Terraform, or the reason why there is none. */
async function realReview(): Promise<{ markdown: string } | { reason: string }> {
  cpSync(join(plansFolder, "terraform-data"), stack, { recursive: true });
  const version = terraform("version");
  if (version.error) return { reason: `there is no Terraform (${version.error.message})` };
  for (const command of ["init", "apply -auto-approve", "plan -out=plan.tfplan -var=size=2"]) {
    const { status, stderr } = terraform(...command.split(" "));
    if (status !== 0) throw new Error(`terraform ${command}: ${stderr}`);
  }
  const plans = await readPlans({ named: [], stacksFolder, terraform: "terraform" });
  return { markdown: reviewMarkdown(reviewPlans(plans, [], "2026-11-23")) };
}

describe("a plan of the installed Terraform", () => {
  it("is reviewed like the recorded one, and its secret is not shown", async () => {
    const review = await realReview();
    if ("reason" in review) {
      process.stderr.write(`not compared with a real plan: ${review.reason}\n`);
      return;
    }
    const recorded = { ...recordedPlan("terraform-data-change"), stack: "terraform-data" };

    expect(review.markdown).toBe(reviewMarkdown(reviewPlans([recorded], [], "2026-11-23")));
    expect(review.markdown).not.toContain("hush");
  }, 60_000);
});
