import { rules } from "../../scripts/review/review-plans.ts";
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

/** A change of a resource, and the beginning of `rule-id: message` for each finding in it. */
type RuleCase = readonly [name: string, change: Partial<ResourceChange>, ...findings: string[]];

/** Tests the rules on changes of a resource type, in a plan with other changes. */
export function eachChangeOf(
  type: string,
  cases: readonly RuleCase[],
  others: readonly ResourceChange[] = [],
): void {
  for (const [name, values, ...findings] of cases) {
    it(`${type}: ${name}`, () => {
      const change = planChange(type, values);
      const plan = planOf([change, ...others]);

      const found = rules.flatMap(({ id, find }) =>
        find(change, plan).map((message) => `${id}: ${message}`),
      );

      const beginnings = found.map((text, at) => text.slice(0, findings[at]?.length));
      expect(beginnings).toEqual(findings);
    });
  }
}
