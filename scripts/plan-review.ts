import { readFileSync } from "node:fs";
import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { parseAcceptedFindings } from "./review/accepted-findings.ts";
import { readPlans } from "./review/read-plans.ts";
import { headline, reviewMarkdown } from "./review/review-markdown.ts";
import { exitCodeOf, reviewPlans, rules } from "./review/review-plans.ts";
import { severities } from "./review/rule.ts";

// `make plan-review`: reviews the saved plans and prints changes and findings as Markdown.

const commandSettings = z.object({
  /** Other plans, separated by spaces: outputs of `terraform show -json`, or saved plans. */
  PLANS: z.string().default(""),
  /** The lowest severity with exit code 1. */
  FAIL_ON: z.enum(severities, `must be one of ${severities.join(", ")}`).default("danger"),
  /** The file of accepted findings. */
  ACCEPTED: z.string().default("stacks/accepted-findings.json"),
  /** Another date, as 2026-11-23. */
  TODAY: z.string().optional(),
  /** The program that reads saved plans. */
  TERRAFORM: z.string().default("terraform"),
});

await runCommandLine(async () => {
  const { PLANS, FAIL_ON, ACCEPTED, ...rest } = readVariables(commandSettings, process.env);
  const today = rest.TODAY ?? new Date().toISOString().slice(0, 10);
  const accepted = parseAcceptedFindings(readFileSync(ACCEPTED, "utf8"), {
    path: ACCEPTED,
    today,
    rules: rules.map(({ id }) => id),
  });
  const plans = await readPlans({
    named: PLANS.split(/\s+/).filter((name) => name !== ""),
    stacksFolder: "cdktf.out/stacks",
    terraform: rest.TERRAFORM,
  });
  const review = reviewPlans(plans, accepted, today);
  process.stdout.write(reviewMarkdown(review));
  console.error(headline(review));
  process.exitCode = exitCodeOf(review, FAIL_ON);
});
