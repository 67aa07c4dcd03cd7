import { hasMasked, valueAt } from "./attribute-value.ts";
import {
  accountOfPrincipal,
  type Grant,
  grantsOf,
  isPublic,
  isWildcardAction,
  isWildcardResource,
  newGrants,
  permissionGrants,
  policyPlaces,
} from "./grants.ts";
import { isMadeOrChanged, type Rule } from "./rule.ts";
import type { AttributePath, Attributes, ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/** Suffixes of AWS managed policies that allow everything, or everything in one service. */
const widePolicies = /(AdministratorAccess|PowerUserAccess|FullAccess)$/;

/** Rules on public access and on new permissions. */
export const accessRules: readonly Rule[] = [
  {
    id: "public-url",
    severity: "danger",
    title: "a public URL",
    find: ({ type, before, after }) =>
      type === "aws_lambda_function_url" && isPublicUrl(after) && !isPublicUrl(before)
        ? [
            "authorization_type NONE: AWS admits every caller; only the API key protects the function",
          ]
        : [],
  },
  {
    id: "public-policy",
    severity: "danger",
    title: "a policy that admits everyone",
    find: (change) =>
      admissions(change)
        .filter(isPublic)
        .map(({ action }) => `everyone may ${action}`),
  },
  {
    id: "external-account",
    severity: "warning",
    title: "access for another AWS account",
    find: (change, { account }) =>
      distinct(
        admissions(change).filter((grant) => isOfOther(account, grant)),
        ({ principal, action }) => `${principal} may ${action}`,
      ),
  },
  {
    id: "open-cors",
    severity: "warning",
    title: "a URL that scripts on any web page may call",
    find: (change) =>
      hasOpenCors(change.after) && !hasOpenCors(change.before) ? ["origin *"] : [],
  },
  {
    id: "wildcard-action",
    severity: "danger",
    title: "a policy with wildcard actions",
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
    title: "an IAM policy with wildcard resources",
    find: (change) =>
      distinct(
        added(change, "identity").filter(isWildcardResource),
        ({ resource }) => `resource ${resource}`,
      ),
  },
  {
    id: "role-grows",
    severity: "warning",
    title: "a role with new permissions, or that new principals may assume",
    find: (change, plan) => {
      const trust = change.kind === "create" ? [] : added(change, "trust");
      const assumed = trust.map(({ principal }) => `${principal} may assume it`);
      if (!isOnExistingRole(change, plan)) return assumed;
      return [
        ...added(change, "identity").map(({ action, resource }) => `${action} on ${resource}`),
        ...assumed,
        ...addedManagedPolicies(change),
      ];
    },
  },
  {
    id: "unknown-policy",
    severity: "warning",
    title: "a policy that cannot be reviewed before the apply",
    find: (change) =>
      isMadeOrChanged(change)
        ? (policyPlaces[change.type] ?? [])
            .filter(({ path }) => isConfigured(change, path) && hasMasked(change.unknown, path))
            .map(({ path }) => `${path.join(".")} is known only after the apply`)
        : [],
  },
];

/** Whether the configuration sets an attribute. One that it does not set stays empty in AWS. */
function isConfigured({ configured }: ResourceChange, [name]: AttributePath): boolean {
  return configured === undefined || configured.includes(String(name));
}

function isPublicUrl({ authorization_type }: Attributes): boolean {
  return authorization_type === "NONE";
}

function isOfOther(account: string | undefined, grant: Grant): boolean {
  return ![undefined, account].includes(accountOfPrincipal(grant));
}

function hasOpenCors(attributes: Attributes): boolean {
  const origins = valueAt(attributes, ["cors", 0, "allow_origins"]);
  return Array.isArray(origins) && origins.includes("*");
}

/** The rights that a change adds to a resource's policies. */
function added(change: ResourceChange, kind: "identity" | "resource" | "trust"): Grant[] {
  const { type, after, before } = change;
  return newGrants(grantsOf(type, kind, after), grantsOf(type, kind, before));
}

/** The rights that a change adds for principals who are named in the resource itself. */
function admissions(change: ResourceChange): Grant[] {
  const { type, after, before } = change;
  return [
    ...added(change, "resource"),
    ...added(change, "trust"),
    ...newGrants(permissionGrants(type, after), permissionGrants(type, before)),
  ];
}

/** The attribute with managed policies, by resource type. */
const managedPolicyAttribute: Readonly<Record<string, string>> = {
  aws_iam_role: "managed_policy_arns",
  aws_iam_role_policy_attachment: "policy_arn",
};

/** ARNs of managed policies that a change attaches to a role. */
function addedManagedPolicies({ type, after, before }: ResourceChange): string[] {
  const name = managedPolicyAttribute[type];
  if (name === undefined) return [];
  const known = [before[name]].flat();
  return [after[name]]
    .flat()
    .filter((arn) => typeof arn === "string")
    .filter((arn) => !known.includes(arn));
}

/** False for a role that this plan creates: all its permissions are new. */
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
