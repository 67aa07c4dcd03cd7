import type { Rule } from "../../scripts/review/rule.ts";
import type { ResourceChange, TerraformPlan } from "../../scripts/review/terraform-plan.ts";

/** A change without any effect but the given one. */
export function planChange(type: string, change: Partial<ResourceChange> = {}): ResourceChange {
  return {
    address: `${type}.example`,
    type,
    kind: "update",
    before: {},
    after: {},
    unknown: {},
    beforeSensitive: {},
    afterSensitive: {},
    replacePaths: [],
    reason: undefined,
    configured: undefined,
    ...change,
  };
}

/** A plan with these changes, in account 123456789012. */
export function planOf(resources: readonly ResourceChange[]): TerraformPlan {
  return { stack: "stack", resources, drift: [], account: "123456789012" };
}

/** The JSON of a policy with this statement, which allows. */
export function policyText(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}

/** `rule-id: message` for each finding of the rules in a change, in a plan with other changes. */
export function findingsOf(
  rules: readonly Rule[],
  change: ResourceChange,
  others: readonly ResourceChange[] = [],
): string[] {
  const plan = planOf([change, ...others]);
  return rules.flatMap(({ id, find }) => find(change, plan).map((message) => `${id}: ${message}`));
}

/** The ids of the rules with a finding in a change. */
export function ruleIdsFor(
  rules: readonly Rule[],
  change: ResourceChange,
  others: readonly ResourceChange[] = [],
): string[] {
  const findings = findingsOf(rules, change, others);
  return [...new Set(findings.map((finding) => finding.replace(/: .*/s, "")))];
}
