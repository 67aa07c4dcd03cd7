import { readFileSync } from "node:fs";
import { UserError } from "../model/user-error.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { parseAcceptedFindings } from "./review/accepted-findings.ts";
import { readPlans } from "./review/read-plans.ts";
import { headline, reviewMarkdown } from "./review/review-markdown.ts";
import { exitCodeOf, reviewPlans, rules } from "./review/review-plans.ts";
import { type Severity, severities } from "./review/rule.ts";

// `make plan-review`: reviews the saved plans and prints changes and findings as Markdown.
// PLANS: other plans (outputs of `terraform show -json`, or saved plans), separated by spaces.
// FAIL_ON: the lowest severity with exit code 1; default: danger.
// ACCEPTED: another file of accepted findings. TODAY: another date, as 2026-11-23.

await runCommandLine(async () => {
  const failOn = severityOf(process.env.FAIL_ON || "danger");
  const today = process.env.TODAY || new Date().toISOString().slice(0, 10);
  const path = process.env.ACCEPTED || "stacks/accepted-findings.json";
  const names = rules.map(({ id }) => id);
  const accepted = parseAcceptedFindings(readFileSync(path, "utf8"), { path, today, rules: names });
  const plans = readPlans({
    named: (process.env.PLANS ?? "").split(/\s+/).filter((name) => name !== ""),
    stacksFolder: "cdktf.out/stacks",
    terraform: process.env.TERRAFORM || "terraform",
  });
  const review = reviewPlans(plans, accepted, today);
  process.stdout.write(reviewMarkdown(review));
  console.error(headline(review));
  process.exitCode = exitCodeOf(review, failOn);
});

function severityOf(text: string): Severity {
  const severity = severities.find((name) => name === text);
  if (severity !== undefined) return severity;
  throw new UserError(`FAIL_ON=${text}: must be one of ${severities.join(", ")}`);
}
