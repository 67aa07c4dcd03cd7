import { isDeepStrictEqual } from "node:util";

type Attributes = Readonly<Record<string, unknown>>;

/** A resource that Terraform found to differ from its state, or one of the plan. */
interface StateChange {
  readonly address: string;
  readonly type: string;
  readonly before: Attributes | undefined;
  /** `undefined` if the resource is gone. */
  readonly after: Attributes | undefined;
}

/**
 * Addresses of the resources that were changed outside Terraform. The provider reports more: a value
 * that was never set reads `null` after the apply and `{}` or `[]` after the next refresh, and a role
 * repeats the policies that are resources of their own.
 *
 * @param drift `resource_drift` of the plan
 * @param resources all resources of the plan
 */
export function driftedAddresses(
  drift: readonly StateChange[],
  resources: readonly StateChange[],
): string[] {
  return drift.filter((change) => isChanged(change, resources)).map(({ address }) => address);
}

function isChanged({ type, before, after }: StateChange, resources: readonly StateChange[]) {
  if (before === undefined || after === undefined) return true;
  const [old, now] = [before, after].map((attributes) =>
    withoutEmpty(type === "aws_iam_role" ? withoutOwnPolicies(attributes, resources) : attributes),
  );
  return !isDeepStrictEqual(old, now);
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
function withoutOwnPolicies(role: Attributes, resources: readonly StateChange[]): Attributes {
  const own = resources.flatMap(({ type, before }) =>
    before?.role === role.name ? [{ type, name: before?.name, arn: before?.policy_arn }] : [],
  );
  const isOwn = (type: string, key: "name" | "arn", value: unknown) =>
    own.some((policy) => policy.type === type && policy[key] === value);
  return {
    ...role,
    inline_policy: listOf(role.inline_policy).filter(
      (policy) => !isOwn("aws_iam_role_policy", "name", (policy as Attributes | null)?.name),
    ),
    managed_policy_arns: listOf(role.managed_policy_arns).filter(
      (arn) => !isOwn("aws_iam_role_policy_attachment", "arn", arn),
    ),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
