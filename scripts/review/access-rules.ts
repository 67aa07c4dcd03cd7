import { hasMasked, valueAt } from "./attribute-value.ts";
import { isPublic, isWildcardAction, isWildcardResource } from "./grant-width.ts";
import { type Grant, grantsOf, newGrants, policyPlaces } from "./grants.ts";
import { isMadeOrChanged, type Rule } from "./rule.ts";
import type { Attributes, ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/** Managed policies of AWS that allow whatever there is, by the end of their names. */
const widePolicies = /(AdministratorAccess|PowerUserAccess|FullAccess)$/;

/** Who gets in, and who may do more than before. */
export const accessRules: readonly Rule[] = [
  {
    id: "public-url",
    severity: "danger",
    title: "a URL that everyone may call",
    find: (change) =>
      becomes(change, "aws_lambda_function_url", "authorization_type", "NONE")
        ? ["authorization_type NONE: AWS lets everyone through; only the API key is left"]
        : [],
  },
  {
    id: "public-policy",
    severity: "danger",
    title: "a policy that lets everyone in",
    find: (change) =>
      [...added(change, "resource"), ...added(change, "trust"), ...addedPermission(change)]
        .filter(isPublic)
        .map(({ action }) => `everyone may ${action}`),
  },
  {
    id: "open-cors",
    severity: "warning",
    title: "a URL that scripts of every web page may call",
    find: (change) =>
      hasOpenCors(change.after) && !hasOpenCors(change.before) ? ["origin *"] : [],
  },
  {
    id: "wildcard-action",
    severity: "danger",
    title: "an IAM policy whose actions are not named one by one",
    find: (change) => [
      ...distinct(
        [...added(change, "identity"), ...added(change, "resource")].filter(isWildcardAction),
        ({ action }) => `action ${action}`,
      ),
      ...addedManagedPolicies(change).filter((name) => widePolicies.test(name)),
    ],
  },
  {
    id: "wildcard-resource",
    severity: "danger",
    title: "an IAM policy on more than what it names",
    find: (change) =>
      distinct(
        added(change, "identity").filter(isWildcardResource),
        ({ resource }) => `resource ${resource}`,
      ),
  },
  {
    id: "role-grows",
    severity: "warning",
    title: "a role that may do more, or be taken on by more, than before",
    find: (change, plan) => [
      ...(isOnExistingRole(change, plan)
        ? added(change, "identity").map(({ action, resource }) => `${action} on ${resource}`)
        : []),
      ...(change.kind === "create" ? [] : added(change, "trust")).map(
        ({ principal }) => `${principal} may take it on`,
      ),
      ...(isOnExistingRole(change, plan) ? addedManagedPolicies(change) : []),
    ],
  },
  {
    id: "unknown-policy",
    severity: "warning",
    title: "a policy that nobody can judge before it is applied",
    find: (change) =>
      isMadeOrChanged(change)
        ? (policyPlaces[change.type] ?? [])
            .filter(({ path }) => hasMasked(change.unknown, path))
            .map(({ path }) => `${path.join(".")} is known only after the apply`)
        : [],
  },
];

function becomes(change: ResourceChange, type: string, name: string, value: unknown): boolean {
  const { after, before } = change;
  return change.type === type && after[name] === value && before[name] !== value;
}

function hasOpenCors(attributes: Attributes): boolean {
  const origins = valueAt(attributes, ["cors", 0, "allow_origins"]);
  return Array.isArray(origins) && origins.includes("*");
}

/** The rights that a resource gives after the plan and did not give before. */
function added(change: ResourceChange, kind: "identity" | "resource" | "trust"): Grant[] {
  const { type, after, before } = change;
  return newGrants(grantsOf(type, kind, after), grantsOf(type, kind, before));
}

function addedPermission({ type, after, before }: ResourceChange): Grant[] {
  if (type !== "aws_lambda_permission") return [];
  return newGrants(permissionGrants(after), permissionGrants(before));
}

/** A permission of Lambda as a right; it has its conditions as attributes. */
function permissionGrants(attributes: Attributes): Grant[] {
  const { principal, action, source_account, source_arn, principal_org_id } = attributes;
  if (typeof principal !== "string") return [];
  const conditions = {
    ...(source_account ? { "aws:SourceAccount": source_account } : {}),
    ...(source_arn ? { "aws:SourceArn": source_arn } : {}),
    ...(principal_org_id ? { "aws:PrincipalOrgID": principal_org_id } : {}),
  };
  return [
    { principal, action: String(action), resource: "", condition: JSON.stringify(conditions) },
  ];
}

/** Where a type names managed policies. */
const managedPolicyAttribute: Readonly<Record<string, string>> = {
  aws_iam_role: "managed_policy_arns",
  aws_iam_role_policy_attachment: "policy_arn",
};

/** ARNs of managed policies that a role gets. */
function addedManagedPolicies({ type, after, before }: ResourceChange): string[] {
  const name = managedPolicyAttribute[type];
  if (name === undefined) return [];
  const known = [before[name]].flat();
  return [after[name]]
    .flat()
    .filter((arn) => typeof arn === "string")
    .filter((arn) => !known.includes(arn));
}

/** A role that this plan makes has nothing to grow from; what it may do is judged as it is. */
function isOnExistingRole(change: ResourceChange, plan: TerraformPlan): boolean {
  if (change.type === "aws_iam_role") return change.kind !== "create";
  const { role } = change.after;
  if (typeof role !== "string") return change.kind === "update";
  return !plan.resources.some(
    ({ type, kind, after }) => type === "aws_iam_role" && kind === "create" && after.name === role,
  );
}

function distinct(grants: readonly Grant[], textOf: (grant: Grant) => string): string[] {
  return [...new Set(grants.map(textOf))];
}
