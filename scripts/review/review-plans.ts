import type { AcceptedFinding } from "./accepted-findings.ts";
import { accessRules } from "./access-rules.ts";
import { batchRules } from "./batch-rules.ts";
import { costRules } from "./cost-rules.ts";
import { resourceRules } from "./resource-rules.ts";
import { type Rule, type Severity, severities } from "./rule.ts";
import type { TerraformPlan } from "./terraform-plan.ts";

/** Every rule, in the order of their findings. */
export const rules: readonly Rule[] = [
  ...resourceRules,
  ...accessRules,
  ...costRules,
  ...batchRules,
];

/** A finding of a rule. */
export interface Finding {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly stack: string;
  readonly address: string;
  readonly message: string;
  /** Its entry in `stacks/accepted-findings.json`, if any; an expired one has no effect. */
  readonly accepted: AcceptedFinding | undefined;
  readonly isExpired: boolean;
}

/** The result of a review. */
export interface PlanReview {
  readonly plans: readonly TerraformPlan[];
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** Accepted findings that no longer occur. */
  readonly unneeded: readonly AcceptedFinding[];
}

/**
 * Applies every rule to the plans.
 *
 * @param today as `2026-11-23`
 * @example reviewPlans(plans, [], "2026-11-23").findings
 */
export function reviewPlans(
  plans: readonly TerraformPlan[],
  accepted: readonly AcceptedFinding[],
  today: string,
): PlanReview {
  const findings = plans
    .flatMap((plan) => findingsIn(plan, accepted, today))
    .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const needed = new Set(findings.map((finding) => finding.accepted));
  const stacks = new Set(plans.map(({ stack }) => stack));
  const unneeded = accepted.filter((entry) => stacks.has(entry.stack) && !needed.has(entry));
  return { plans, findings, unneeded };
}

/** Findings that are not accepted, or no longer. */
export function openFindings({ findings }: PlanReview): readonly Finding[] {
  return findings.filter(({ accepted, isExpired }) => accepted === undefined || isExpired);
}

/** 1 if a finding of severity `failOn` or worse is open, else 0. */
export function exitCodeOf(review: PlanReview, failOn: Severity): 0 | 1 {
  const limit = severities.indexOf(failOn);
  return openFindings(review).some(({ severity }) => severities.indexOf(severity) <= limit) ? 1 : 0;
}

function findingsIn(
  plan: TerraformPlan,
  accepted: readonly AcceptedFinding[],
  today: string,
): Finding[] {
  return plan.resources
    .filter(({ kind }) => kind !== "keep")
    .flatMap((change) =>
      rules.flatMap(({ id, title, severity, find }) =>
        find(change, plan).map((message) => {
          const entry = accepted.find(
            ({ rule, stack, address }) =>
              rule === id && stack === plan.stack && address === change.address,
          );
          const isExpired = entry !== undefined && entry.expires < today;
          const place = { stack: plan.stack, address: change.address };
          return { rule: id, title, severity, ...place, message, accepted: entry, isExpired };
        }),
      ),
    );
}
