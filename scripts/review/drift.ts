import { isDeepStrictEqual } from "node:util";
import { valueAt } from "./attribute-value.ts";
import type { Attributes, ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/**
 * Addresses of the resources that were changed outside Terraform. The provider reports more: a value
 * that was never set reads `null` after the apply and `{}` or `[]` after the next refresh, and a role or
 * a bucket repeats what is a resource of its own.
 */
export function driftedAddresses({ drift, resources }: TerraformPlan): string[] {
  return drift.filter((change) => isChanged(change, resources)).map(({ address }) => address);
}

function isChanged({ type, before, after }: ResourceChange, resources: readonly ResourceChange[]) {
  const [old, now] = [before, after].map((attributes) =>
    withoutEmpty(withoutParts(type, attributes, resources)),
  );
  return !isDeepStrictEqual(old, now);
}

/** What a bucket repeats of resources of their own, where a change is reported as well. */
const bucketParts = ["policy", "lifecycle_rule", "server_side_encryption_configuration"];

/** Attributes without those that are resources of their own. */
function withoutParts(
  type: string,
  attributes: Attributes,
  resources: readonly ResourceChange[],
): Attributes {
  if (type === "aws_iam_role") return withoutOwnPolicies(attributes, resources);
  if (type !== "aws_s3_bucket") return attributes;
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !bucketParts.includes(name)),
  );
}

/** A value without its empty parts; `undefined` if nothing is left. */
function withoutEmpty(value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty);
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, withoutEmpty(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** A role without the policies that are resources of their own, where a change is reported as well. */
function withoutOwnPolicies(role: Attributes, resources: readonly ResourceChange[]): Attributes {
  const own = resources
    .filter(
      ({ type, before }) => type.startsWith("aws_iam_role_policy") && before.role === role.name,
    )
    .map(({ type, before }) => (type === "aws_iam_role_policy" ? before.name : before.policy_arn));
  const others = (list: unknown, nameOf: (policy: unknown) => unknown) =>
    Array.isArray(list) ? list.filter((policy) => !own.includes(nameOf(policy))) : list;
  return {
    ...role,
    inline_policy: others(role.inline_policy, (policy) => valueAt(policy, ["name"])),
    managed_policy_arns: others(role.managed_policy_arns, (arn) => arn),
  };
}
