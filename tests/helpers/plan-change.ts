import type { ResourceChange } from "../../scripts/review/terraform-plan.ts";

/** A change with nothing special about it but for what a test says. */
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
    ...change,
  };
}

/** A policy's text with one statement that allows something. */
export function policyText(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}
